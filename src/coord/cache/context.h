// What all parts of a cache use.
#ifndef OUTRIGGER_COORD_CACHE_CONTEXT_H_
#define OUTRIGGER_COORD_CACHE_CONTEXT_H_

#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "coord/cache/coherence.h"
#include "coord/cache/local_fills.h"
#include "coord/cache/marks_reader.h"
#include "coord/cache/unsettled.h"
#include "store/cache_store.h"

namespace outrigger::coord {

// References outlive those who have it.
struct CacheContext {
  const Clock& clock;
  Executor& executor;
  RandomSource& random;
  store::CacheStore& store;
  Coherence& coherence;
  MarksReader& marks;
  LocalFills& local_fills;
  const Unsettled& unsettled;
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_CONTEXT_H_
