// What a cache would have done with the requests of a trace: the real policies,
// without values.
#ifndef OUTRIGGER_CACHE_SIMULATE_SIMULATION_H_
#define OUTRIGGER_CACHE_SIMULATE_SIMULATION_H_

#include <cstdint>
#include <vector>

#include "cache/options.h"
#include "cache/policy/policy.h"

namespace outrigger::cache {

// One read of a key.
struct TraceRequest {
  uint64_t key = 0;   // a hash of its name: evenly distributed
  uint32_t size = 1;  // of its value, > 0
};

struct SimulationResult {
  uint64_t requests = 0;
  uint64_t misses = 0;

  double HitRatio() const {
    return requests == 0 ? 0
                         : 1 - static_cast<double>(misses) /
                                   static_cast<double>(requests);
  }
};

// A cache, empty at first, that loads what it misses. `capacity` counts
// TraceRequest::size and entries, and no bookkeeping. Values larger than that
// never enter. With kTtl, all live equally long. Costs memory for each entry
// and time for each request, and nothing else.
SimulationResult Simulate(const std::vector<TraceRequest>& trace, Policy policy,
                          const Capacity& capacity);

}  // namespace outrigger::cache

#endif  // OUTRIGGER_CACHE_SIMULATE_SIMULATION_H_
