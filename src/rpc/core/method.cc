#include "rpc/core/method.h"

namespace outrigger::rpc {

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
