#include "rpc/breaker/names.h"

namespace outrigger::rpc {

using coord::BreakerReason;
using coord::BreakerState;

absl::string_view StateName(BreakerState state) {
  switch (state) {
    case BreakerState::kClosed:
      return "closed";
    case BreakerState::kOpen:
      return "open";
    case BreakerState::kHalfOpen:
      return "half_open";
    case BreakerState::kForcedOpen:
      return "forced_open";
    case BreakerState::kForcedClosed:
      return "forced_closed";
    case BreakerState::kMetricsOnly:
      return "metrics_only";
  }
  return "";
}

absl::string_view ReasonName(BreakerReason reason) {
  switch (reason) {
    case BreakerReason::kNone:
      return "";
    case BreakerReason::kConsecutiveFailures:
      return "consecutive_failures";
    case BreakerReason::kFailureRate:
      return "failure_rate";
    case BreakerReason::kSlowCallRate:
      return "slow_call_rate";
    case BreakerReason::kProbesInUse:
      return "probes_in_use";
    case BreakerReason::kRecovering:
      return "recovering";
    case BreakerReason::kForced:
      return "forced";
    case BreakerReason::kProbeFailed:
      return "probe_failed";
  }
  return "";
}

}  // namespace outrigger::rpc
