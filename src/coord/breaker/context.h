// What all of a pod's breakers use.
#ifndef OUTRIGGER_COORD_BREAKER_CONTEXT_H_
#define OUTRIGGER_COORD_BREAKER_CONTEXT_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "base/rough_clock.h"
#include "coord/breaker/store_time.h"
#include "store/breaker_store.h"

namespace outrigger::coord {

// Who asks whether a caller's Watch still stands.
class BreakerSessions {
 public:
  virtual ~BreakerSessions() = default;
  virtual bool IsOpen(uint64_t session) const = 0;
};

// References outlive those who have it. Thread-safe.
struct BreakerContext {
  // The pod's own time, for its own records: microseconds, never falling, set
  // to the date at the start.
  int64_t PodUs(MonotonicTime now) const { return ToMicros(now) + offset_us; }

  const std::string pod;
  const uint64_t holder;  // the pod's number, in probes; never 0
  const int64_t offset_us;
  const Clock& clock;
  const RoughClock rough_clock;
  Executor& executor;
  RandomSource& random;
  store::BreakerStore& store;
  const BreakerSessions& sessions;
  const size_t max_parked;
  StoreTime store_time;
  // The store's latest answer was an error, whoever it was to. What an entry
  // does without the store goes by its own writes.
  std::atomic<bool> degraded{false};
  std::atomic<bool> draining{false};
  std::atomic<size_t> parked{0};
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_BREAKER_CONTEXT_H_
