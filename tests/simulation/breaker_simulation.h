// A fleet of real breakers on simulated time, under faults, with a seed.
//
// Callers on all pods call one service, which fails and hangs for a while, and
// is well again. Some callers die, some say nothing of their call. Checked:
//   - Probes: of those that the fleet's record has given, no more than
//     half_open_probes are at the service at a time. Those of before the store
//     lost its last writes are left out, since the store knows of them no more;
//     and so are a pod's own, of which it has no more than that.
//   - Nothing sticks: when the faults are over and the service is well, all
//     pods are closed and let all calls pass within kRecoversWithin.
//   - What is forced by hand, and acknowledged, holds on each pod that has had
//     its store for kHearsWithin, whatever fails; and ends when it is ended.
//   - Every question is answered, and no probe is out at the end.
#ifndef OUTRIGGER_TESTS_SIMULATION_BREAKER_SIMULATION_H_
#define OUTRIGGER_TESTS_SIMULATION_BREAKER_SIMULATION_H_

#include <cstdint>
#include <string>

namespace outrigger::simulation {

struct BreakerSimOptions {
  int pods = 20;
  uint64_t seed = 1;
  // With faults; half as long again without.
  int64_t length_us = 40'000'000;
  // Of each pod; and of all together at least so many.
  double calls_per_second = 2;
  double least_calls_per_second = 200;
  bool faults = true;
};

struct BreakerSimResult {
  bool held = true;
  std::string first_breach;  // empty if held
  uint64_t calls = 0;
  uint64_t denied = 0;
  uint64_t failed = 0;
  uint64_t probes = 0;
  uint64_t own_probes = 0;  // of a pod's own record
  int most_probes = 0;      // of the fleet, at a time
  uint64_t degraded = 0;
  uint64_t unanswered = 0;
  uint64_t commands = 0;
  int kills = 0, pauses = 0, cuts = 0, losses = 0, forced = 0;
  double recovered_after_seconds = 0;
  // One line for people.
  std::string Line(uint64_t seed) const;
};

BreakerSimResult SimulateBreakers(const BreakerSimOptions& options);

}  // namespace outrigger::simulation

#endif  // OUTRIGGER_TESTS_SIMULATION_BREAKER_SIMULATION_H_
