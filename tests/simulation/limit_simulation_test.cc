// A few seeds of the simulation; `make simulate` runs as many as asked for.
#include "tests/simulation/limit_simulation.h"

#include <gtest/gtest.h>

namespace outrigger::simulation {
namespace {

class FaultySeeds : public testing::TestWithParam<int> {};

TEST_P(FaultySeeds, NeverOverAndAlwaysAnswered) {
  LimitOptions options;
  options.pods = 1000;
  options.seed = static_cast<uint64_t>(GetParam());
  options.length_us = 3'000'000;
  const LimitResult result = SimulateLimits(options);
  EXPECT_TRUE(result.held) << result.Line(options.seed);
  EXPECT_EQ(result.unanswered, 0u);
  EXPECT_GT(result.admitted, 1000u) << "the run must have tried something";
}

INSTANTIATE_TEST_SUITE_P(Thousand, FaultySeeds, testing::Range(1, 5));

// On a calm day nearly all of each limit is used, however demand falls.
TEST(CalmDay, NearlyAllIsUsed) {
  using Spread = LimitOptions::Spread;
  for (const Spread spread :
       {Spread::kEven, Spread::kOne, Spread::kNinetyFiveFive}) {
    LimitOptions options;
    options.pods = 3;
    options.faults = false;
    options.spread = spread;
    const LimitResult result = SimulateLimits(options);
    EXPECT_TRUE(result.held) << result.Line(1);
    EXPECT_EQ(result.degraded, 0u);
    for (const BucketResult& bucket : result.buckets) {
      if (bucket.bursty) continue;
      if (bucket.limit == "leased" || bucket.limit == "exact") {
        EXPECT_GE(bucket.share_used, 0.97)
            << bucket.limit << " spread " << static_cast<int>(spread);
      }
    }
  }
}

TEST(Seeds, ReproduceARun) {
  LimitOptions options;
  options.pods = 50;
  options.seed = 42;
  options.length_us = 2'000'000;
  EXPECT_EQ(SimulateLimits(options).Line(42), SimulateLimits(options).Line(42));
}

}  // namespace
}  // namespace outrigger::simulation
