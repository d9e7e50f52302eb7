// Whether what was seen is bad enough to open a breaker, and why.
#ifndef OUTRIGGER_BREAKER_VERDICT_H_
#define OUTRIGGER_BREAKER_VERDICT_H_

#include <cstdint>

#include "base/clock.h"
#include "breaker/options.h"
#include "breaker/record.h"

namespace outrigger::breaker {

// What the pods together have seen in one generation.
struct FleetSeen {
  Tally seen;
  uint32_t pods = 0;      // that have seen a call
  uint32_t bad_pods = 0;  // of those, to whom it looks bad
};

// A call of this length counts as slow.
inline bool IsSlow(const BreakerOptions& options, Duration duration) {
  return options.slow_call > Duration::zero() && duration >= options.slow_call;
}

// What one pod alone would open for; kNone: it is well. Rates are reached when
// they are equal, and are judged after successes, too.
Cause Judge(const BreakerOptions& options, const Tally& seen,
            uint64_t consecutive_failures);

// The rates alone, however few the calls: what a pod that sees little of a
// service says of it.
bool LooksBad(const BreakerOptions& options, const Tally& seen);

// Half as bad as that, or more: the fleet should hear of it soon.
bool IsSuspect(const BreakerOptions& options, const Tally& seen,
               uint64_t consecutive_failures);

// What the fleet opens for: enough pods say that it is bad and, all calls taken
// together, the rates say so; or enough pods say so and this pod by itself has
// come to open for `own` (kNone: it has not).
Cause JudgeFleet(const BreakerOptions& options, const FleetSeen& fleet,
                 const Cause& own);

}  // namespace outrigger::breaker

#endif  // OUTRIGGER_BREAKER_VERDICT_H_
