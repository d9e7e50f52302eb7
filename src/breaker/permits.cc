#include "breaker/permits.h"

#include <chrono>

#include "base/rough_clock.h"

namespace outrigger::breaker {

Permits::Report Permits::Take(uint64_t permit, MonotonicTime now,
                              Duration timeout) {
  if ((permit & (kMark | kForeign)) != kMark) return Report::kUnknown;
  const uint64_t next = next_.load(std::memory_order_relaxed);
  // The whole number is the one below `next` that ends in these bits.
  const uint32_t age =
      static_cast<uint32_t>(next) - static_cast<uint32_t>(permit);
  if (age == 0 || age > next - kFirst) return Report::kUnknown;
  const uint64_t number = next - age;
  if (number < first_.load(std::memory_order_relaxed)) return Report::kOld;
  const uint64_t millis = (Millis(now) - (permit >> 32)) & kMillisMask;
  if (millis >
      static_cast<uint64_t>(
          std::chrono::duration_cast<std::chrono::milliseconds>(timeout)
              .count())) {
    return Report::kLate;
  }
  // Its bit, and those of the word that is cleared ahead, are others' by now.
  if (age > kRemembered - 2 * kWordBits) return Report::kCounts;
  const uint64_t bit = 1ULL << (number % kWordBits);
  const uint64_t before =
      reported_[WordOf(number)].fetch_or(bit, std::memory_order_relaxed);
  return (before & bit) != 0 ? Report::kDoubled : Report::kCounts;
}

}  // namespace outrigger::breaker
