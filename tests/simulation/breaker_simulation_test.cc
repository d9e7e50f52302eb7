// A few seeds of the simulation; `make simulate PART=breaker` runs as many as
// asked for.
#include "tests/simulation/breaker_simulation.h"

#include <gtest/gtest.h>

namespace outrigger::simulation {
namespace {

class FaultyBreakers : public testing::TestWithParam<int> {};

TEST_P(FaultyBreakers, ProbesAreBoundedAndNothingSticks) {
  BreakerSimOptions options;
  options.seed = static_cast<uint64_t>(GetParam());
  const BreakerSimResult result = SimulateBreakers(options);
  EXPECT_TRUE(result.held) << result.Line(options.seed);
  EXPECT_GT(result.failed, 20u) << "the run must have tried something";
}

INSTANTIATE_TEST_SUITE_P(Seeds, FaultyBreakers, testing::Range(1, 31));

TEST(CalmBreakers, OpenProbeAndClose) {
  BreakerSimOptions options;
  options.faults = false;
  const BreakerSimResult result = SimulateBreakers(options);
  EXPECT_TRUE(result.held) << result.Line(1);
  EXPECT_EQ(result.degraded, 0u);
  EXPECT_GT(result.probes, 3u);
  EXPECT_GT(result.denied, 0u);
}

TEST(BreakerSeeds, ReproduceARun) {
  BreakerSimOptions options;
  options.seed = 42;
  EXPECT_EQ(SimulateBreakers(options).Line(42),
            SimulateBreakers(options).Line(42));
}

}  // namespace
}  // namespace outrigger::simulation
