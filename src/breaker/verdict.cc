#include "breaker/verdict.h"

#include <algorithm>

namespace outrigger::breaker {
namespace {

// Whether `part` of `whole` is at least `rate`. 0: no rate is.
bool Reaches(uint64_t part, uint64_t whole, double rate) {
  return rate > 0 && part > 0 &&
         static_cast<double>(part) >= rate * static_cast<double>(whole);
}

bool JudgesSlow(const BreakerOptions& options) {
  return options.slow_call > Duration::zero();
}

// Whether the rates are at least so much of what they open at.
bool ReachesShareOf(double share, const BreakerOptions& options,
                    const Tally& seen) {
  return Reaches(seen.failures, seen.calls, share * options.failure_rate) ||
         (JudgesSlow(options) &&
          Reaches(seen.slow, seen.calls, share * options.slow_rate));
}

Cause JudgeRates(const BreakerOptions& options, const Tally& seen) {
  if (static_cast<int64_t>(seen.calls) < options.minimum_calls) return {};
  if (Reaches(seen.failures, seen.calls, options.failure_rate)) {
    return {Reason::kFailureRate, seen.failures, seen.calls};
  }
  if (JudgesSlow(options) &&
      Reaches(seen.slow, seen.calls, options.slow_rate)) {
    return {Reason::kSlowRate, seen.slow, seen.calls};
  }
  return {};
}

bool HasQuorum(const BreakerOptions& options, const FleetSeen& fleet) {
  const int64_t needed = std::min<int64_t>(options.quorum, fleet.pods);
  return fleet.bad_pods > 0 && fleet.bad_pods >= needed &&
         static_cast<double>(fleet.bad_pods) >=
             options.quorum_share * static_cast<double>(fleet.pods);
}

}  // namespace

Cause Judge(const BreakerOptions& options, const Tally& seen,
            uint64_t consecutive_failures) {
  if (options.consecutive_failures > 0 &&
      consecutive_failures >=
          static_cast<uint64_t>(options.consecutive_failures)) {
    return {Reason::kConsecutiveFailures, consecutive_failures,
            consecutive_failures};
  }
  return JudgeRates(options, seen);
}

bool LooksBad(const BreakerOptions& options, const Tally& seen) {
  return ReachesShareOf(1, options, seen);
}

bool IsSuspect(const BreakerOptions& options, const Tally& seen,
               uint64_t consecutive_failures) {
  return ReachesShareOf(0.5, options, seen) ||
         (options.consecutive_failures > 0 &&
          2 * consecutive_failures >=
              static_cast<uint64_t>(options.consecutive_failures));
}

Cause JudgeFleet(const BreakerOptions& options, const FleetSeen& fleet,
                 const Cause& own) {
  if (!HasQuorum(options, fleet)) return {};
  Cause cause = JudgeRates(options, fleet.seen);
  if (cause.reason == Reason::kNone) cause = own;
  if (cause.reason == Reason::kNone) return {};
  cause.bad_pods = fleet.bad_pods;
  cause.pods = fleet.pods;
  return cause;
}

}  // namespace outrigger::breaker
