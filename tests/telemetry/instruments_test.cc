// Counters, histograms and the registry that owns them.
#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "telemetry/instruments/buckets.h"
#include "telemetry/instruments/counter.h"
#include "telemetry/instruments/gauge.h"
#include "telemetry/instruments/histogram.h"
#include "telemetry/registry.h"

namespace outrigger::telemetry {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr MetricInfo kThings{"test.things", "{thing}", MetricKind::kCounter,
                             "Things."};
constexpr MetricInfo kInUse{"test.in_use", "{thing}",
                            MetricKind::kUpDownCounter, "In use."};
constexpr MetricInfo kTimes{"test.times", "s", MetricKind::kHistogram,
                            "Times."};
constexpr MetricInfo kLevel{"test.level", "1", MetricKind::kGauge, "Level."};

TEST(Counter, SumsWhatManyThreadsAdd) {
  // More threads than cells: some share the last one.
  constexpr int kThreads = 20, kEach = 10'000;
  Counter counter;
  UpDownCounter in_use;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        counter.Add();
        in_use.Add(2);
        in_use.Add(-1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter.Value(), kThreads * kEach);
  EXPECT_EQ(in_use.Value(), kThreads * kEach);
}

TEST(Histogram, PutsValuesIntoExplicitBucketsWithInclusiveBounds) {
  Histogram histogram(Aggregation::kExplicit);
  const absl::Span<const double> bounds = LatencyBounds();
  for (const double bound : bounds) histogram.Record(bound);
  histogram.Record(bounds.back() * 2);
  histogram.Record(std::nan(""));
  const HistogramData data = histogram.Read();
  EXPECT_EQ(data.count, bounds.size() + 1);
  EXPECT_EQ(data.counts,
            std::vector<uint64_t>(bounds.size() + 1, 1));  // one in each
  EXPECT_EQ(data.min, bounds.front());
  EXPECT_EQ(data.max, bounds.back() * 2);
}

TEST(Histogram, ManyThreadsLoseNothing) {
  constexpr int kThreads = 20, kEach = 5'000;
  for (const auto aggregation :
       {Aggregation::kExplicit, Aggregation::kExponential}) {
    Histogram histogram(aggregation);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) histogram.Record((t + 1) * 0.25);
      });
    }
    for (std::thread& thread : threads) thread.join();
    const HistogramData data = histogram.Read();
    EXPECT_EQ(data.count, kThreads * kEach);
    EXPECT_DOUBLE_EQ(data.sum, kEach * 0.25 * kThreads * (kThreads + 1) / 2);
    EXPECT_EQ(data.min, 0.25);
    EXPECT_EQ(data.max, 5);
  }
}

TEST(Gauge, HasTheHighestOfTheThreadsLatestValues) {
  Gauge gauge;
  EXPECT_TRUE(std::isnan(gauge.Value()));
  gauge.Set(0.9);
  gauge.Set(0.2);
  EXPECT_EQ(gauge.Value(), 0.2);
  std::thread([&gauge] { gauge.Set(0.5); }).join();
  EXPECT_EQ(gauge.Value(), 0.5);
}

TEST(ThreadCell, IsFreeAgainWhenItsThreadEnds) {
  for (int i = 0; i < 100; ++i) {
    size_t cell = kSharedCell;
    std::thread([&cell] { cell = CellOfThread(); }).join();
    ASSERT_LT(cell, kSharedCell) << i;
  }
}

// The definition of the data model, by logarithms.
int IndexByLogarithm(double value, int scale) {
  return static_cast<int>(std::ceil(std::log2(value) * std::exp2(scale))) - 1;
}

TEST(ExponentialBuckets, AgreeWithTheDefinition) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> exponent(
      ExponentialBuckets::kFirstOctave + 1, ExponentialBuckets::kLastOctave);
  for (int i = 0; i < 100'000; ++i) {
    const double value = std::exp2(exponent(random));
    const int index =
        ExponentialBuckets::IndexOf(value) + ExponentialBuckets::kFirst;
    // Logarithms are not exact next to a bound.
    const double place = std::log2(value) * ExponentialBuckets::kPerOctave;
    if (std::abs(place - std::round(place)) < 1e-9) continue;
    ASSERT_EQ(index, IndexByLogarithm(value, ExponentialBuckets::kScale))
        << value;
  }
}

TEST(ExponentialBuckets, PowersOfTwoBelongToTheBucketBelow) {
  for (int octave = -20; octave < 10; ++octave) {
    EXPECT_EQ(ExponentialBuckets::IndexOf(std::exp2(octave)) +
                  ExponentialBuckets::kFirst,
              octave * ExponentialBuckets::kPerOctave - 1);
  }
}

TEST(ExponentialBuckets, HaveAPlaceForEveryNumber) {
  constexpr int kLast = static_cast<int>(ExponentialBuckets::kCount) - 1;
  for (const double zero : {0.0, -1.0, 1e-300, std::nan("")}) {
    EXPECT_EQ(ExponentialBuckets::IndexOf(zero), -1);
  }
  for (const double large : {1e9, 1e308, HUGE_VAL}) {
    EXPECT_EQ(ExponentialBuckets::IndexOf(large), kLast);
  }
}

TEST(Histogram, ExponentialDataFitInto160Buckets) {
  Histogram histogram(Aggregation::kExponential);
  histogram.Record(0);
  for (int octave = -29; octave < 12; ++octave) {
    histogram.Record(std::exp2(octave) * 1.5);
  }
  const HistogramData data = histogram.Read();
  EXPECT_LE(data.counts.size(), HistogramData::kMaxBuckets);
  EXPECT_LT(data.scale, ExponentialBuckets::kScale);
  EXPECT_EQ(data.zero_count, 1);
  EXPECT_EQ(data.count, 42);
  uint64_t sum = data.zero_count;
  for (const uint64_t count : data.counts) sum += count;
  EXPECT_EQ(sum, data.count);
  EXPECT_NE(data.counts.front(), 0);
  EXPECT_NE(data.counts.back(), 0);
}

TEST(HistogramData, MergesNeighboursAtALowerScale) {
  HistogramData data;
  data.aggregation = Aggregation::kExponential;
  data.scale = 3;
  data.offset = -3;
  data.counts = {1, 2, 3, 4, 5};  // -3 … 1
  const HistogramData half = AtScale(data, 2);
  EXPECT_EQ(half.offset,
            -2);  // -3 belongs to -2, -2 and -1 to -1, 0 and 1 to 0
  EXPECT_THAT(half.counts, ElementsAre(1, 5, 9));
}

TEST(HistogramData, DifferenceIsWhatCameBetween) {
  for (const auto aggregation :
       {Aggregation::kExplicit, Aggregation::kExponential}) {
    Histogram histogram(aggregation);
    histogram.Record(0.001);
    histogram.Record(3);
    const HistogramData earlier = histogram.Read();
    histogram.Record(0.001);
    histogram.Record(1e-8);  // another scale for the exponential one
    histogram.Record(2000);
    const HistogramData between = Difference(histogram.Read(), earlier);
    EXPECT_EQ(between.count, 3);
    EXPECT_DOUBLE_EQ(between.sum, 0.001 + 1e-8 + 2000);
    uint64_t sum = between.zero_count;
    for (const uint64_t count : between.counts) sum += count;
    EXPECT_EQ(sum, 3);
  }
}

TEST(HistogramData, QuantilesLieInTheirBuckets) {
  Histogram exponential(Aggregation::kExponential);
  for (int i = 1; i <= 1000; ++i) exponential.Record(i * 0.001);
  const HistogramData data = exponential.Read();
  EXPECT_THAT(data.Quantile(0.5), DoubleNear(0.5, 0.5 * 0.09));
  EXPECT_THAT(data.Quantile(0.99), DoubleNear(0.99, 0.99 * 0.09));
  EXPECT_EQ(HistogramData().Quantile(0.5), 0);
}

TEST(Registry, GivesTheSameInstrumentForTheSameAttributes) {
  Registry registry;
  Counter& a = registry.GetCounter(kThings, {{"kind", "a"}});
  EXPECT_EQ(&a, &registry.GetCounter(kThings, {{"kind", "a"}}));
  EXPECT_NE(&a, &registry.GetCounter(kThings, {{"kind", "b"}}));
}

TEST(Registry, CollectsEverythingOrderedByName) {
  Registry registry;
  registry.GetHistogram(kTimes).Record(0.5);
  registry.GetCounter(kThings, {{"kind", "a"}}).Add(3);
  registry.GetUpDownCounter(kInUse).Add(-2);
  const Observation level =
      registry.Observe([](Observations& seen) { seen.Add(kLevel, {}, 0.25); });
  const Snapshot all = registry.Collect();
  ASSERT_EQ(all.size(), 4);
  EXPECT_STREQ(all[0].info->name, "test.in_use");
  EXPECT_STREQ(all[1].info->name, "test.level");
  EXPECT_STREQ(all[2].info->name, "test.things");
  EXPECT_STREQ(all[3].info->name, "test.times");
  EXPECT_EQ(NumberOf(all[0].points[0]), -2);
  EXPECT_EQ(NumberOf(all[1].points[0]), 0.25);
  EXPECT_EQ(NumberOf(all[2].points[0]), 3);
  EXPECT_EQ(AttributeOf(all[2].points[0], "kind"), "a");
  EXPECT_EQ(NumberOf(all[3].points[0]), 1);
  EXPECT_EQ(Find(all, "test.level"), &all[1]);
  EXPECT_EQ(Find(all, "test.none"), nullptr);
}

TEST(Registry, AsksNoObserverThatHasEnded) {
  Registry registry;
  {
    const Observation level =
        registry.Observe([](Observations& seen) { seen.Add(kLevel, {}, 1); });
    EXPECT_EQ(registry.Collect().size(), 1);
  }
  EXPECT_THAT(registry.Collect(), IsEmpty());
}

TEST(Registry, PutsWhatIsBeyondTheCardinalityLimitIntoOneSeries) {
  Registry registry(Registry::Options{.cardinality_limit = 3});
  for (int i = 0; i < 5; ++i) {
    registry.GetCounter(kThings, {{"kind", std::to_string(i)}}).Add();
  }
  const Observation levels = registry.Observe([](Observations& seen) {
    for (int i = 0; i < 5; ++i) {
      seen.Add(kLevel, {{"kind", std::to_string(i)}}, 1);
    }
  });
  const Snapshot all = registry.Collect();
  for (const Metric& metric : all) {
    SCOPED_TRACE(metric.info->name);
    ASSERT_EQ(metric.points.size(), 3);
    double sum = 0;
    for (const Point& point : metric.points) sum += NumberOf(point);
    EXPECT_EQ(sum, 5);  // nothing is lost
    EXPECT_EQ(NumberOf(metric.points[2]), 3);
    EXPECT_EQ(AttributeOf(metric.points[2], kOverflowAttribute), "true");
  }
}

TEST(AllMetrics, AreDifferentAndDescribed) {
  std::vector<std::string> names;
  for (const MetricInfo* info : AllMetrics()) {
    names.emplace_back(info->name);
    EXPECT_GT(std::string(info->description).size(), 5) << info->name;
    EXPECT_EQ(std::string(info->description).back(), '.') << info->name;
    EXPECT_NE(std::string(info->unit), "") << info->name;
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
  EXPECT_GT(names.size(), 20);
}

}  // namespace
}  // namespace outrigger::telemetry
