// The small parts: rings, windows, latencies, what is usual.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "analyser/history/baseline.h"
#include "analyser/history/change.h"
#include "analyser/history/compact.h"
#include "analyser/history/latencies.h"
#include "analyser/history/ring.h"
#include "analyser/history/sliding.h"
#include "telemetry/instruments/buckets.h"

namespace outrigger::analyser {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using telemetry::Aggregation;
using telemetry::Histogram;

TEST(Ring, KeepsTheLatest) {
  Ring<int, 3> ring;
  EXPECT_TRUE(ring.empty());
  for (int i = 1; i <= 5; ++i) ring.Push(i);
  ASSERT_EQ(ring.size(), 3U);
  EXPECT_EQ(ring[0], 3);
  EXPECT_EQ(ring.back(), 5);
}

TEST(Compact, KeepsFourTenthsOfAPercent) {
  for (const float value : {0.F, 1.F, 80.F, 0.333F, 12345.6F, 1e6F}) {
    EXPECT_NEAR(Compact(value).value(), value, value * 0.004);
  }
}

TEST(Sliding, ForgetsWhatIsOutOfTheWindow) {
  Sliding<int> sliding;
  sliding.Add(10, 1);
  sliding.Add(10, 1);
  sliding.Add(13, 4);
  EXPECT_EQ(sliding.Sum(13), 6);
  EXPECT_EQ(sliding.Sum(10 + kWindowSlots), 6);
  EXPECT_EQ(sliding.Sum(11 + kWindowSlots), 4);
  EXPECT_EQ(sliding.Sum(100), 0);
  sliding.Add(17, 8);  // takes the place of slot 10
  EXPECT_EQ(sliding.Sum(17), 12);
  EXPECT_EQ(sliding.Sum(5), 0);  // slots of another length
}

TEST(Grown, CountsFromTheFirstStepOn) {
  Step first;
  first.first = true;
  const Step later;
  Grown grown;
  EXPECT_EQ(grown.By(100, first), 0);
  EXPECT_EQ(grown.By(130, later), 30);
  EXPECT_EQ(grown.By(10, later), 0);  // began anew
  EXPECT_EQ(grown.By(15, later), 5);
  Grown came_later;
  EXPECT_EQ(came_later.By(7, later), 7);
}

TEST(Latencies, HaveTheBoundsOfTheHistograms) {
  EXPECT_EQ(Latencies::kBuckets, telemetry::LatencyBounds().size() + 1);
}

class LatenciesOf : public ::testing::TestWithParam<Aggregation> {};

TEST_P(LatenciesOf, AreThoseThatWereRecorded) {
  Histogram histogram(GetParam());
  CumulativeLatencies before;
  AddTo(before, histogram.Read());
  for (int i = 0; i < 90; ++i) histogram.Record(0.0007);
  for (int i = 0; i < 10; ++i) histogram.Record(0.7);
  CumulativeLatencies after;
  AddTo(after, histogram.Read());
  const Latencies came = Between(before, after);
  EXPECT_EQ(came.count(), 100U);
  EXPECT_NEAR(MeanSeconds(came), (90 * 0.0007 + 10 * 0.7) / 100, 1e-9);
  EXPECT_GT(QuantileSeconds(came, 0.5), 0.0005);
  EXPECT_LT(QuantileSeconds(came, 0.5), 0.001);
  EXPECT_GT(QuantileSeconds(came, 0.95), 0.5);
  EXPECT_LT(QuantileSeconds(came, 0.95), 1);
  EXPECT_EQ(Between(after, after).count(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Both, LatenciesOf,
                         ::testing::Values(Aggregation::kExplicit,
                                           Aggregation::kExponential));

TEST(Latencies, WithoutSomeAreAtLeastNothing) {
  Latencies all;
  all.counts[3] = 5;
  all.counts[9] = 2;
  all.sum_s = 1;
  Latencies some;
  some.counts[9] = 4;
  some.sum_s = 3;
  const Latencies rest = Without(all, some);
  EXPECT_EQ(rest.count(), 5U);
  EXPECT_EQ(rest.sum_s, 0);
  EXPECT_EQ(QuantileSeconds(Latencies(), 0.5), 0);
  EXPECT_EQ(MeanSeconds(Latencies()), 0);
}

TEST(Latencies, AboveAllBoundsAreTheLastBound) {
  Latencies all;
  all.counts.back() = 3;
  EXPECT_EQ(QuantileSeconds(all, 0.5), telemetry::LatencyBounds().back());
}

TEST(Median, IsInTheMiddle) {
  EXPECT_EQ(Median({}), 0);
  EXPECT_EQ(Median({3}), 3);
  EXPECT_EQ(Median({9, 1, 5}), 5);
  EXPECT_EQ(Median({9, 1, 5, 3}), 4);
}

TEST(Baseline, IsNotMovedByAFewWildMinutes) {
  Baseline baseline;
  WallTime now{hours(1)};
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(baseline.UsualAt(now).has_value(),
              i >= static_cast<int>(Baseline::kLeastMinutes));
    baseline.Add(now, i % 7 == 0 ? 1e6 : 100 + i % 5);
    now += minutes(1);
  }
  const auto usual = baseline.UsualAt(now);
  ASSERT_TRUE(usual.has_value());
  EXPECT_NEAR(usual->median, 102, 2);
  EXPECT_GT(usual->deviation, 0.5);
  EXPECT_LT(usual->deviation, 5);
}

TEST(Baseline, KnowsTheTimeOfDayOnceItKnowsADay) {
  Baseline baseline;
  WallTime now{hours(0)};
  const auto value = [](int hour) { return hour == 9 ? 900.0 : 100.0; };
  for (int minute = 0; minute < 24 * 60; ++minute) {
    baseline.Add(now, value(minute / 60));
    now += minutes(1);
  }
  // A day is not over before its first minute is a day old.
  EXPECT_NEAR(baseline.UsualAt(now + hours(9))->median, 100, 1);
  baseline.Add(now, 100);
  EXPECT_NEAR(baseline.UsualAt(now + hours(9))->median, 900, 1);
  EXPECT_NEAR(baseline.UsualAt(now + hours(10))->median, 100, 1);
}

TEST(MinuteMean, TellsTheMeanOfEachMinuteWithValues) {
  MinuteMean mean;
  std::vector<std::pair<WallTime, double>> told;
  const auto add = [&](int seconds, std::optional<double> value) {
    mean.Add(WallTime(std::chrono::seconds(seconds)), value,
             [&](WallTime minute, double m) { told.emplace_back(minute, m); });
  };
  add(1, 2);
  add(30, 4);
  add(59, std::nullopt);
  add(61, std::nullopt);
  add(130, 7);
  add(200, std::nullopt);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0], (std::pair{WallTime(minutes(0)), 3.0}));
  EXPECT_EQ(told[1], (std::pair{WallTime(minutes(2)), 7.0}));
}

}  // namespace
}  // namespace outrigger::analyser
