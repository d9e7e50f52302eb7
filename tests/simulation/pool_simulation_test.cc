// A few seeds of the simulation; `make simulate PART=pool` runs as many as
// asked for.
#include "tests/simulation/pool_simulation.h"

#include <gtest/gtest.h>

namespace outrigger::simulation {
namespace {

class FaultyPools : public testing::TestWithParam<int> {};

TEST_P(FaultyPools, TheCapIsNeverExceededAndNobodyStarves) {
  PoolSimOptions options;
  options.seed = static_cast<uint64_t>(GetParam());
  const PoolSimResult result = SimulatePools(options);
  EXPECT_TRUE(result.held) << result.Line(options.seed);
  EXPECT_GT(result.acquired, 100u) << "the run must have tried something";
  EXPECT_GT(result.crashes + result.pauses + result.cuts, 10);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FaultyPools, testing::Range(1, 25));

TEST(CalmPools, UseTheWholeCap) {
  for (const double slots_per_pod : {0.5, 1.0, 2.5, 4.0}) {
    PoolSimOptions options;
    options.faults = false;
    options.slots_per_pod = slots_per_pod;
    options.callers_per_pod = 12;
    const PoolSimResult result = SimulatePools(options);
    EXPECT_TRUE(result.held) << result.Line(1);
    EXPECT_EQ(result.most_held, result.cap);
    EXPECT_GT(result.used, 0.95) << result.Line(1);
    EXPECT_EQ(result.lost, 0u);
  }
}

TEST(PoolSeeds, ReproduceARun) {
  PoolSimOptions options;
  options.seed = 42;
  EXPECT_EQ(SimulatePools(options).Line(42), SimulatePools(options).Line(42));
}

}  // namespace
}  // namespace outrigger::simulation
