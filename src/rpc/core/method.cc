#include "rpc/core/method.h"

#include <utility>

#include "telemetry/metrics.h"

namespace outrigger::rpc {

CallCounters::CallCounters(std::string method, telemetry::Registry& registry)
    : method_(std::move(method)), registry_(registry) {}

telemetry::Counter& CallCounters::Make(absl::StatusCode code) {
  telemetry::Counter& counter = registry_.GetCounter(
      telemetry::kRpcRefused,
      {{"method", method_}, {"status", absl::StatusCodeToString(code)}});
  by_code_[Index(code)].store(&counter, std::memory_order_release);
  return counter;
}

MonotonicTime ToMonotonicTime(gpr_timespec deadline) {
  if (gpr_time_cmp(deadline, gpr_inf_future(deadline.clock_type)) == 0) {
    return MonotonicTime::max();
  }
  const gpr_timespec time =
      gpr_convert_clock_type(deadline, GPR_CLOCK_MONOTONIC);
  // Beyond three centuries nanoseconds overflow: never, then.
  constexpr int64_t kMaxSeconds = 9'000'000'000;
  if (time.tv_sec >= kMaxSeconds) return MonotonicTime::max();
  return MonotonicTime(std::chrono::seconds(time.tv_sec) +
                       Duration(time.tv_nsec));
}

}  // namespace outrigger::rpc
