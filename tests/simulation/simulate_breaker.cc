// simulate_breaker: one line a seed; exit 1 if a promise broke.
#include "tests/simulation/breaker_simulation.h"
#include "tests/simulation/run_seeds.h"

int main(int argc, char** argv) {
  namespace simulation = outrigger::simulation;
  return simulation::RunSeeds(argc, argv, simulation::BreakerSimOptions(),
                              simulation::SimulateBreakers);
}
