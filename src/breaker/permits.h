// Numbers for calls that were let pass, so that each is reported once, in time,
// and counts only in the generation that it belongs to.
#ifndef OUTRIGGER_BREAKER_PERMITS_H_
#define OUTRIGGER_BREAKER_PERMITS_H_

#include <array>
#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace outrigger::breaker {

// A permit is a number and when it was issued; which of the latest were
// reported is a ring of bits. Issuing is one atomic addition. Thread-safe,
// except as said.
//
// Of more than kRemembered calls that are out at a time, the oldest count all
// the same, but twice if they are reported twice: a breaker must not be blind
// to a service that hangs.
class Permits {
 public:
  // 4 KiB of bits.
  static constexpr uint32_t kRemembered = 1 << 15;
  // In all that Issue returns. Other kinds of permits may have kForeign set.
  static constexpr uint64_t kMark = 1ULL << 62;
  static constexpr uint64_t kForeign = 1ULL << 63;

  enum class Report : uint8_t { kCounts, kUnknown, kOld, kLate, kDoubled };

  Permits() = default;
  Permits(const Permits&) = delete;
  Permits& operator=(const Permits&) = delete;

  // Never 0. `now` may be up to RoughClock::kRough behind.
  uint64_t Issue(MonotonicTime now) {
    const uint64_t number = next_.fetch_add(1, std::memory_order_relaxed);
    // The word after the present one is used 64 permits from now at the
    // earliest, so no report can come for it yet.
    if (number % kWordBits == 0) {
      reported_[WordOf(number + kWordBits)].store(0, std::memory_order_relaxed);
    }
    return kMark | (Millis(now) << 32) | static_cast<uint32_t>(number);
  }

  // Whether a report counts: one for each permit, within `timeout` (at most an
  // hour), and not for one from before the latest StartGeneration.
  Report Take(uint64_t permit, MonotonicTime now, Duration timeout);

  // Permits that were issued until now do not count any more.
  void StartGeneration() {
    first_.store(next_.load(std::memory_order_relaxed),
                 std::memory_order_relaxed);
  }

  // How many were ever issued.
  uint64_t issued() const {
    return next_.load(std::memory_order_relaxed) - kFirst;
  }

 private:
  static constexpr uint64_t kFirst = 1;
  static constexpr uint32_t kWordBits = 64;
  static constexpr uint32_t kWords = kRemembered / kWordBits;
  static constexpr uint64_t kMillisMask = (1ULL << 30) - 1;  // 12 days

  static uint64_t Millis(MonotonicTime now) {
    return static_cast<uint64_t>(now.time_since_epoch().count() / 1'000'000) &
           kMillisMask;
  }
  static size_t WordOf(uint64_t number) {
    return static_cast<size_t>((number / kWordBits) % kWords);
  }

  std::atomic<uint64_t> next_{kFirst};
  std::atomic<uint64_t> first_{kFirst};  // of the present generation
  std::array<std::atomic<uint64_t>, kWords> reported_{};
};

}  // namespace outrigger::breaker

#endif  // OUTRIGGER_BREAKER_PERMITS_H_
