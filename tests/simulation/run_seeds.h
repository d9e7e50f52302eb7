// What the programs that simulate a fleet have in common.
#ifndef OUTRIGGER_TESTS_SIMULATION_RUN_SEEDS_H_
#define OUTRIGGER_TESTS_SIMULATION_RUN_SEEDS_H_

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/synchronization/mutex.h"

namespace outrigger::simulation {

// Which seeds to run: --seeds A-B, or --seeds A.
struct Seeds {
  uint64_t first = 1;
  uint64_t last = 10;
};

// Reads [--pods N] [--seeds A-B] [--seconds N] [--calm]; --seconds only where
// `Options` has a length. False: not understood.
template <typename Options>
bool ReadArguments(int argc, char** argv, Options* options, Seeds* seeds) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--calm") == 0) {
      options->faults = false;
      continue;
    }
    if (i + 1 == argc) return false;
    const char* const value = argv[i + 1];
    if (std::strcmp(argv[i], "--pods") == 0) {
      options->pods = std::atoi(value);
    } else if (std::strcmp(argv[i], "--seeds") == 0) {
      char* end = nullptr;
      seeds->first = std::strtoull(value, &end, 10);
      seeds->last =
          *end == '-' ? std::strtoull(end + 1, nullptr, 10) : seeds->first;
    } else if (std::strcmp(argv[i], "--seconds") == 0) {
      if constexpr (requires { options->length; }) {
        options->length = std::chrono::seconds(std::atoi(value));
      } else {
        return false;
      }
    } else {
      return false;
    }
    ++i;
  }
  return true;
}

// A whole program: simulates each seed and prints its line. Answers the exit
// code: 0: all promises held; 1: one broke; 2: bad arguments. `simulate` makes
// of Options a result that has Line(seed) and held.
template <typename Options, typename Simulate>
int RunSeeds(int argc, char** argv, Options options, Simulate simulate) {
  // Its time grows with the square of the mutexes, of which each pod has some.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  Seeds seeds;
  if (!ReadArguments(argc, argv, &options, &seeds)) {
    std::fprintf(stderr,
                 "usage: %s [--pods N] [--seeds A-B] [--seconds N] [--calm]\n",
                 argv[0]);
    return 2;
  }
  bool held = true;
  for (uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    options.seed = seed;
    const auto result = simulate(options);
    std::puts(result.Line(seed).c_str());
    std::fflush(stdout);
    held = held && result.held;
  }
  return held ? 0 : 1;
}

}  // namespace outrigger::simulation

#endif  // OUTRIGGER_TESTS_SIMULATION_RUN_SEEDS_H_
