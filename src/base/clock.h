// The two clocks, and the only place that reads them.
//
// Intervals and deadlines use MonotonicTime; WallTime is for people and for
// protocols that carry dates. They are different types, so that one cannot be
// compared with, or subtracted from, the other by mistake.
#ifndef OUTRIGGER_BASE_CLOCK_H_
#define OUTRIGGER_BASE_CLOCK_H_

#include <chrono>
#include <cstdint>

namespace outrigger {

// Every length of time in the code base. Nanoseconds, signed.
using Duration = std::chrono::nanoseconds;

namespace internal {
struct MonotonicTimeline {
  using duration = Duration;
};
struct WallTimeline {
  using duration = Duration;
};
}  // namespace internal

// A point on this process's steady timeline. Meaningless outside the process.
using MonotonicTime =
    std::chrono::time_point<internal::MonotonicTimeline, Duration>;
// A point on the civil timeline: since 1970-01-01 UTC.
using WallTime = std::chrono::time_point<internal::WallTimeline, Duration>;

// Source of time. Thread-safe. Tests use FakeClock (tests/support).
class Clock {
 public:
  virtual ~Clock() = default;
  // Never goes back. Costs about 25 ns: read it once per request.
  virtual MonotonicTime Now() const = 0;
  // May jump when the machine's date is set.
  virtual WallTime WallNow() const = 0;
};

// The machine's clocks (CLOCK_MONOTONIC and CLOCK_REALTIME).
class SystemClock final : public Clock {
 public:
  MonotonicTime Now() const override;
  WallTime WallNow() const override;
};

// The time in whole microseconds, rounded down: the unit in which limits count.
inline int64_t ToMicros(MonotonicTime time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             time.time_since_epoch())
      .count();
}
inline int64_t ToMicros(Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration)
      .count();
}
inline double ToSeconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace outrigger

#endif  // OUTRIGGER_BASE_CLOCK_H_
