// What the limiter's parts share: this pod's keys, its clock and its store.
#ifndef OUTRIGGER_COORD_LIMIT_POD_H_
#define OUTRIGGER_COORD_LIMIT_POD_H_

#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "base/executor.h"
#include "coord/limit/key_table.h"
#include "store/limit_store.h"

namespace outrigger::coord {

// One per limiter. The members' own comments say what may change.
struct Pod {
  Pod(size_t max_keys, const Clock& clock_in, Executor& executor_in,
      store::LimitStore* store_in, uint64_t seed_in)
      : clock(clock_in),
        executor(executor_in),
        store(store_in),
        seed(seed_in),
        offset_us(ToMicros(clock_in.WallNow().time_since_epoch()) -
                  ToMicros(clock_in.Now())),
        keys(max_keys) {}

  // Monotonic, set to the date at the start: so fixed windows begin where
  // people expect them to, and yet no change of the date moves them.
  int64_t NowUs() const { return ToMicros(clock.Now()) + offset_us; }
  MonotonicTime TimeOf(int64_t us) const {
    return MonotonicTime(std::chrono::microseconds(us - offset_us));
  }

  const Clock& clock;
  Executor& executor;
  store::LimitStore* const store;  // null: this pod is alone
  const uint64_t seed;
  const int64_t offset_us;
  KeyTable keys;
  // Pods of the fleet last seen alive, this one included.
  std::atomic<uint32_t> pods{1};
  // Set once, by Drain: nothing is leased any more.
  std::atomic<bool> draining{false};
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_LIMIT_POD_H_
