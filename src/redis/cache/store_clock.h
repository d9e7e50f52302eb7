// Redis' clock, as this pod knows it.
#ifndef OUTRIGGER_REDIS_CACHE_STORE_CLOCK_H_
#define OUTRIGGER_REDIS_CACHE_STORE_CLOCK_H_

#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace outrigger::redis {

// Cristian's method ("Probabilistic clock synchronization", 1989): the server's
// time was read somewhere between question and answer, so the middle is wrong
// by half the round trip at most; the shortest of the last minute counts, or
// any that shows that the clock was set. Of several servers, whose clocks are
// taken to be the same, the one that answers fastest counts.
//
// Now is thread-safe, and costs a look at the clock; Learn is for one thread.
class StoreClock {
 public:
  // `clock` must outlive it. Until anything was learned: this machine's date.
  explicit StoreClock(const Clock& clock);

  // Microseconds since 1970.
  int64_t NowUs() const {
    return ToMicros(clock_.Now()) + offset_us_.load(std::memory_order_relaxed);
  }

  // The server's clock showed `server_us` between the two times.
  void Learn(int64_t server_us, MonotonicTime asked, MonotonicTime answered);

 private:
  const Clock& clock_;
  std::atomic<int64_t> offset_us_;
  // Of the measurement that counts; at first none does.
  bool learned_ = false;
  int64_t error_us_ = 0;
  MonotonicTime learned_at_{};
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_CACHE_STORE_CLOCK_H_
