// An entry as people and stubs see it.
#include <algorithm>
#include <utility>

#include "coord/breaker/entry/entry.h"

namespace outrigger::coord {
namespace {

using breaker::Forced;
using breaker::State;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

// How long a state that was told may be gone by. It is told again twice as
// often (kWatchEvery, kRampEvery).
constexpr Duration kValidFor = seconds(2);
constexpr Duration kRampValidFor = milliseconds(200);

store::BreakerSeen SeenOf(const breaker::Tally& tally) {
  return {tally.calls, tally.failures, tally.slow};
}

}  // namespace

BreakerReason ReasonOf(breaker::Reason reason) {
  switch (reason) {
    case breaker::Reason::kNone:
      return BreakerReason::kNone;
    case breaker::Reason::kConsecutiveFailures:
      return BreakerReason::kConsecutiveFailures;
    case breaker::Reason::kFailureRate:
      return BreakerReason::kFailureRate;
    case breaker::Reason::kSlowRate:
      return BreakerReason::kSlowCallRate;
    case breaker::Reason::kProbeFailed:
      return BreakerReason::kProbeFailed;
  }
  return BreakerReason::kNone;
}

BreakerView BreakerEntry::View() const {
  const MonotonicTime now = context_.clock.Now();
  BreakerView view;
  Lock lock(&lock_);
  const breaker::Record& record = standing_.record();
  const int64_t now_us = standing_.NowUs(context_, now);
  view.key = key_;
  view.state = StateNow();
  view.generation = generation_;
  view.admit_ratio = AdmittedShare(now);
  if (record.state == State::kOpen) {
    view.retry_after =
        microseconds(std::max<int64_t>(0, record.until_us - now_us));
  }
  view.reason = ReasonOf(record.cause.reason);
  view.message = breaker::Explain(record.cause);
  view.opened_by = record.opened_by;
  view.isolated = standing_.is_local() && !standing_.detached;
  view.degraded =
      failing() || context_.degraded.load(std::memory_order_relaxed);
  view.pod.seen = SeenOf(window_.OverTime(now));
  view.pod.reporters = view.pod.seen.calls > 0 ? 1 : 0;
  view.pod.bad_reporters = standing_.local.state != State::kClosed ? 1 : 0;
  view.fleet.seen = SeenOf(fleet_.seen);
  view.fleet.reporters = fleet_.pods;
  view.fleet.bad_reporters = fleet_.bad_pods;
  view.consecutive_failures =
      static_cast<uint32_t>(window_.consecutive_failures());
  view.attempts =
      breaker::Plain(*options_, now_us, record) ? 0 : record.attempts;
  view.probes_out = static_cast<uint32_t>(record.probes.size());
  view.probes_failed = static_cast<uint32_t>(record.decided.failures);
  view.probes_succeeded =
      static_cast<uint32_t>(record.decided.calls - record.decided.failures);
  view.allowed = allowed();
  view.rejected = rejected();
  return view;
}

WatchedBreaker BreakerEntry::Watched() const {
  const MonotonicTime now = context_.clock.Now();
  WatchedBreaker seen;
  Lock lock(&lock_);
  seen.breaker = key_.name;
  seen.method = key_.method;
  seen.state = StateNow();
  seen.generation = generation_;
  seen.admit_ratio = AdmittedShare(now);
  seen.valid_for = kValidFor;
  const breaker::Record& record = standing_.record();
  const int64_t now_us = standing_.NowUs(context_, now);
  if (seen.state == BreakerState::kClosed && seen.admit_ratio < 1) {
    seen.valid_for = kRampValidFor;
  } else if (seen.state == BreakerState::kOpen) {
    seen.retry_after =
        microseconds(std::max<int64_t>(0, record.until_us - now_us));
    // Then there are probes to be had.
    seen.valid_for = std::min(kValidFor, seen.retry_after);
  } else if (seen.state == BreakerState::kHalfOpen) {
    for (const breaker::Probe& probe : record.probes) {
      seen.valid_for = std::min<Duration>(
          seen.valid_for,
          microseconds(std::max<int64_t>(0, probe.deadline_us - now_us)));
    }
    if (breaker::MayProbe(Rules(), now_us, record)) seen.valid_for = {};
  }
  if (seen.admit_ratio < 1) {
    PermitAnswer denied;
    Explain(now, seen.admit_ratio, &denied);
    seen.reason = denied.reason;
    seen.message = std::move(denied.message);
    if (seen.state == BreakerState::kClosed) {
      seen.retry_after = denied.retry_after;
    }
  }
  return seen;
}

double BreakerEntry::AdmittedShare(MonotonicTime now) const {
  switch (StateNow()) {
    case BreakerState::kForcedOpen:
      return 0;
    case BreakerState::kForcedClosed:
    case BreakerState::kMetricsOnly:
      return 1;
    case BreakerState::kClosed:
    case BreakerState::kOpen:
    case BreakerState::kHalfOpen:
      break;
  }
  const double ratio = standing_.AdmitRatio(*options_, context_, now);
  // Only what recovers is damped: else a closed breaker's calls all pass.
  return ratio < 1 ? ratio * breaker::Throttle(window_.OverTime(now)) : ratio;
}

bool BreakerEntry::recovering() const {
  const MonotonicTime now = context_.clock.Now();
  Lock lock(&lock_);
  const double share = AdmittedShare(now);
  return share > 0 && share < 1;
}

breaker::Forced BreakerEntry::forced() const {
  Lock lock(&lock_);
  return standing_.forced();
}

uint64_t BreakerEntry::methods_reset() const {
  Lock lock(&lock_);
  return standing_.shared.methods_reset;
}

}  // namespace outrigger::coord
