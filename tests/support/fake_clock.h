// A clock that moves only when a test says so.
#ifndef OUTRIGGER_TESTS_SUPPORT_FAKE_CLOCK_H_
#define OUTRIGGER_TESTS_SUPPORT_FAKE_CLOCK_H_

#include <atomic>

#include "base/clock.h"

namespace outrigger {

// Thread-safe. Starts at one hour, so that tests may look back.
class FakeClock final : public Clock {
 public:
  MonotonicTime Now() const override {
    return MonotonicTime(Duration(now_.load(std::memory_order_relaxed)));
  }
  WallTime WallNow() const override {
    constexpr int64_t k2026 = 1'767'225'600'000'000'000;
    return WallTime(Duration(k2026 + now_.load(std::memory_order_relaxed)));
  }
  void Advance(Duration by) {
    now_.fetch_add(by.count(), std::memory_order_relaxed);
  }

 private:
  std::atomic<int64_t> now_{3'600'000'000'000};
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_FAKE_CLOCK_H_
