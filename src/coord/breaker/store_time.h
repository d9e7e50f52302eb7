// What time it is at the store.
#ifndef OUTRIGGER_COORD_BREAKER_STORE_TIME_H_
#define OUTRIGGER_COORD_BREAKER_STORE_TIME_H_

#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace outrigger::coord {

// An estimate from the store's replies. A reply's time has passed when it is
// received, so the estimate is late rather than early: what is to wait for the
// store's clock waits long enough. Thread-safe.
class StoreTime {
 public:
  // Until the first reply it is this much ahead of the pod's steady clock.
  explicit StoreTime(int64_t offset_us) : offset_us_(offset_us) {}

  void Learn(MonotonicTime received, int64_t store_us) {
    const int64_t seen = store_us - ToMicros(received);
    const int64_t known = offset_us_.load(std::memory_order_relaxed);
    // The quickest replies say most. What they said fades, since clocks drift;
    // and one that is far off says that the store's clock was set.
    const bool far = seen < known - kFarUs;
    const int64_t next =
        !heard_.exchange(true, std::memory_order_relaxed) || seen > known || far
            ? seen
            : known - (known - seen) / kFade;
    offset_us_.store(next, std::memory_order_relaxed);
  }

  int64_t NowUs(MonotonicTime now) const {
    return ToMicros(now) + offset_us_.load(std::memory_order_relaxed);
  }

 private:
  static constexpr int64_t kFarUs = 1'000'000;
  static constexpr int64_t kFade = 16;

  std::atomic<bool> heard_{false};
  std::atomic<int64_t> offset_us_;
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_BREAKER_STORE_TIME_H_
