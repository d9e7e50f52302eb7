// The monotonic time, roughly and cheaply.
#ifndef OUTRIGGER_BASE_ROUGH_CLOCK_H_
#define OUTRIGGER_BASE_ROUGH_CLOCK_H_

#include "base/clock.h"

namespace outrigger {

// Another clock's monotonic time. Where that is the machine's it is up to
// kRough behind, for a fifth of the cost (CLOCK_MONOTONIC_COARSE: the time of
// the kernel's last tick). Thread-safe.
class RoughClock {
 public:
  static constexpr Duration kRough = std::chrono::milliseconds(10);

  // `clock` must outlive it.
  explicit RoughClock(const Clock& clock)
      : clock_(clock),
        is_machines_(dynamic_cast<const SystemClock*>(&clock) != nullptr) {}

  MonotonicTime Now() const { return is_machines_ ? LastTick() : clock_.Now(); }

 private:
  static MonotonicTime LastTick();

  const Clock& clock_;
  const bool is_machines_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_BASE_ROUGH_CLOCK_H_
