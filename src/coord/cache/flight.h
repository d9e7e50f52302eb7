// One key that is being read or waited for, and who asks for it.
#ifndef OUTRIGGER_COORD_CACHE_FLIGHT_H_
#define OUTRIGGER_COORD_CACHE_FLIGHT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "coord/cache/cache.h"
#include "coord/cache/coherence.h"
#include "coord/cache/reader.h"
#include "coord/cache/space.h"
#include "store/cache_store.h"

namespace outrigger::coord {

// A Get that has not been answered.
struct Asker {
  Cache::Ticket ticket = 0;
  MonotonicTime asked{};
  uint64_t if_not_version = 0;
  uint64_t min_version = 0;
  Duration max_wait{};
  bool no_fill = false;
  Cache::Done<GetAnswer> done;
  Executor::TimerId timer = 0;  // 0: none

  bool Accepts(const Found& found) const {
    return found.version() >= min_version;
  }
};

// What a pod has heard of, of a key and its namespace's invalidations.
struct Heard {
  Coherence::Moment moment;
  uint64_t marks = 0;
  bool operator==(const Heard&) const = default;
};

// Guarded by its shard's lock, but for what is constant.
struct Flight {
  store::CacheKey key;
  uint64_t hash = 0;
  Space* space = nullptr;
  uint64_t nonce = 0;   // of its requests for a lease
  bool listed = false;  // others may join

  bool waiting = false;  // for another's load; else a question is under way
  uint64_t step = 0;     // counts waits; timers of earlier ones do nothing
  Executor::TimerId timer = 0;
  int tries = 0;  // questions since it waited last

  // Who is answered by the question under way, and who came too late for it.
  std::vector<Asker> askers;
  std::vector<Asker> late;
  // What was known when that question was sent.
  Heard heard;
  uint64_t as_of = 0;

  // Values up to this version are of no use.
  uint64_t above_version = 0;
  // A fresh value that is to be loaded anew; null: nothing is.
  Found refreshed;
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_FLIGHT_H_
