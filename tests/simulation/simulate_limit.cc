// simulate_limit: one line a seed; exit 1 if a promise broke.
#include "tests/simulation/limit_simulation.h"
#include "tests/simulation/run_seeds.h"

int main(int argc, char** argv) {
  namespace simulation = outrigger::simulation;
  return simulation::RunSeeds(argc, argv, simulation::LimitOptions(),
                              [](const simulation::LimitOptions& options) {
                                auto result =
                                    simulation::SimulateLimits(options);
                                // Who was never answered was not served.
                                result.held &= result.unanswered == 0;
                                return result;
                              });
}
