#include "base/rough_clock.h"

#include <time.h>

namespace outrigger {

MonotonicTime RoughClock::LastTick() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return MonotonicTime(std::chrono::seconds(now.tv_sec) +
                       std::chrono::nanoseconds(now.tv_nsec));
}

}  // namespace outrigger
