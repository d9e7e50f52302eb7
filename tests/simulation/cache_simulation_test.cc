// A few seeds of the simulation; `make simulate PART=cache` runs as many as
// asked for.
#include "tests/simulation/cache_simulation.h"

#include <gtest/gtest.h>

namespace outrigger::simulation {
namespace {

class FaultyCaches : public testing::TestWithParam<int> {};

TEST_P(FaultyCaches, CoherentIsNeverOldAndLoadsNeverOverwrite) {
  CacheSimOptions options;
  options.seed = static_cast<uint64_t>(GetParam());
  const CacheSimResult result = SimulateCaches(options);
  EXPECT_TRUE(result.held) << result.Line(options.seed);
  EXPECT_GT(result.coherent, 500u) << "the run must have tried something";
  EXPECT_GT(result.fills_refused, 10u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FaultyCaches, testing::Range(1, 25));

TEST(CalmCaches, MostReadsHit) {
  CacheSimOptions options;
  options.faults = false;
  const CacheSimResult result = SimulateCaches(options);
  EXPECT_TRUE(result.held) << result.Line(1);
  EXPECT_EQ(result.degraded, 0u);
}

TEST(CacheSeeds, ReproduceARun) {
  CacheSimOptions options;
  options.seed = 42;
  EXPECT_EQ(SimulateCaches(options).Line(42), SimulateCaches(options).Line(42));
}

}  // namespace
}  // namespace outrigger::simulation
