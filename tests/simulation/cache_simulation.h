// A fleet of real caches on simulated time, under faults, with a seed.
//
// Behind the cache is a database whose values only grow. Writers change it and
// then tell the cache (Set, or invalidate by key or tag); loaders read it when
// they get a token, and are slow, late, give up or die. Checked:
//   - No answer that says that it is coherent is older than a change whose
//     teller was answered through the same pod before the question, or through
//     any pod before the time that news (or noticing its loss) takes.
//   - No load replaces what a later writer of its key was told is stored.
//   - No two callers get the same right to load.
//   - Every question is answered.
#ifndef OUTRIGGER_TESTS_SIMULATION_CACHE_SIMULATION_H_
#define OUTRIGGER_TESTS_SIMULATION_CACHE_SIMULATION_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace outrigger::simulation {

struct CacheSimOptions {
  int pods = 8;
  int keys = 12;
  uint64_t seed = 1;
  Duration length = std::chrono::seconds(60);
  // Of all pods together.
  double operations_per_second = 200;
  // Links cut and mended, news lost, messages lost and late, pods killed, the
  // store flushed.
  bool faults = true;
};

struct CacheSimResult {
  bool held = true;
  std::string first_breach;  // empty if held
  uint64_t reads = 0;
  uint64_t coherent = 0;
  uint64_t hits = 0;
  uint64_t stale = 0;
  uint64_t degraded = 0;
  uint64_t loads = 0;
  uint64_t fills_refused = 0;
  uint64_t changes = 0;
  uint64_t unanswered = 0;
  int cuts = 0, losses = 0, kills = 0, flushes = 0;
  // One line for people.
  std::string Line(uint64_t seed) const;
};

CacheSimResult SimulateCaches(const CacheSimOptions& options);

}  // namespace outrigger::simulation

#endif  // OUTRIGGER_TESTS_SIMULATION_CACHE_SIMULATION_H_
