// simulate_pool [--pods N] [--seeds A-B] [--seconds N] [--calm]: one line a
// seed; exit 1 if a promise broke.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/simulation/pool_simulation.h"

int main(int argc, char** argv) {
  outrigger::simulation::PoolSimOptions options;
  uint64_t first = 1, last = 10;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--calm") == 0) {
      options.faults = false;
    } else if (i + 1 < argc && std::strcmp(argv[i], "--pods") == 0) {
      options.pods = std::atoi(argv[++i]);
    } else if (i + 1 < argc && std::strcmp(argv[i], "--seconds") == 0) {
      options.length = std::chrono::seconds(std::atoi(argv[++i]));
    } else if (i + 1 < argc && std::strcmp(argv[i], "--seeds") == 0) {
      char* end = nullptr;
      first = std::strtoull(argv[++i], &end, 10);
      last = *end == '-' ? std::strtoull(end + 1, nullptr, 10) : first;
    } else {
      std::fprintf(
          stderr, "usage: %s [--pods N] [--seeds A-B] [--seconds N] [--calm]\n",
          argv[0]);
      return 2;
    }
  }
  bool held = true;
  for (uint64_t seed = first; seed <= last; ++seed) {
    options.seed = seed;
    const auto result = outrigger::simulation::SimulatePools(options);
    std::puts(result.Line(seed).c_str());
    std::fflush(stdout);
    held = held && result.held;
  }
  return held ? 0 : 1;
}
