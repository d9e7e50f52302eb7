// A fleet of real pools on simulated time, under faults, with a seed.
//
// In each pod callers acquire slots, hold them for a while (renewing), release
// them, forget to, or die; some within a session. Pods crash, are paused for
// longer than their lease, and are cut off; messages get lost and are late;
// clocks run fast and slow; the store forgets. Checked:
//   - Never do callers hold more leases that have not expired than the cap.
//   - Every question is answered.
//   - A slot's fencing tokens grow: with a cap of one, from holder to holder.
//   - When the faults are over, everyone who waits gets a slot soon, and the
//   cap
//     can be used whole.
#ifndef OUTRIGGER_TESTS_SIMULATION_POOL_SIMULATION_H_
#define OUTRIGGER_TESTS_SIMULATION_POOL_SIMULATION_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace outrigger::simulation {

struct PoolSimOptions {
  int pods = 8;
  // Slots for each pod; 0: by the seed, from one slot for the whole fleet to
  // four for each pod.
  double slots_per_pod = 0;
  // Callers in each pod; 0: by the seed.
  int callers_per_pod = 0;
  uint64_t seed = 1;
  Duration length = std::chrono::seconds(60);
  bool faults = true;
};

struct PoolSimResult {
  bool held = true;
  std::string first_breach;  // empty if held
  uint32_t cap = 0;
  uint32_t most_held = 0;
  uint64_t asked = 0;
  uint64_t acquired = 0;
  uint64_t denied = 0;
  uint64_t lost = 0;
  uint64_t commands = 0;
  // In the calm at the end.
  double longest_wait_s = 0;
  double used = 0;  // mean share of the cap in use
  int crashes = 0, pauses = 0, cuts = 0, flushes = 0;
  // One line for people.
  std::string Line(uint64_t seed) const;
};

PoolSimResult SimulatePools(const PoolSimOptions& options);

}  // namespace outrigger::simulation

#endif  // OUTRIGGER_TESTS_SIMULATION_POOL_SIMULATION_H_
