// The breaker's enumerations in messages and in traces.
#ifndef OUTRIGGER_RPC_BREAKER_NAMES_H_
#define OUTRIGGER_RPC_BREAKER_NAMES_H_

#include "absl/strings/string_view.h"
#include "coord/breaker/breakers.h"
#include "outrigger/breaker/v1/breaker.pb.h"

namespace outrigger::rpc {

// "open", "half_open", …
absl::string_view StateName(coord::BreakerState state);
// "failure_rate", …; empty for kNone.
absl::string_view ReasonName(coord::BreakerReason reason);

inline breaker::v1::State StateOf(coord::BreakerState state) {
  return static_cast<breaker::v1::State>(state);
}
inline breaker::v1::Reason ReasonOf(coord::BreakerReason reason) {
  return static_cast<breaker::v1::Reason>(reason);
}

static_assert(static_cast<int>(coord::BreakerState::kClosed) ==
                  breaker::v1::CLOSED &&
              static_cast<int>(coord::BreakerState::kMetricsOnly) ==
                  breaker::v1::METRICS_ONLY &&
              static_cast<int>(coord::BreakerReason::kProbeFailed) ==
                  breaker::v1::PROBE_FAILED &&
              static_cast<int>(coord::CallResult::kIgnored) ==
                  breaker::v1::IGNORED);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_BREAKER_NAMES_H_
