#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"
#include "otlp/encode/metrics.h"
#include "otlp/encode_testing.h"
#include "telemetry/registry.h"

namespace outrigger::otlp {
namespace {

namespace collector = opentelemetry::proto::collector;
namespace metrics = opentelemetry::proto::metrics::v1;
using telemetry::Aggregation;
using telemetry::MetricInfo;
using telemetry::MetricKind;
using ::testing::ElementsAre;

constexpr MetricInfo kCounter{"c", "{call}", MetricKind::kCounter, "Calls."};
constexpr MetricInfo kInUse{"u", "{call}", MetricKind::kUpDownCounter,
                            "In use."};
constexpr MetricInfo kGauge{"g", "1", MetricKind::kGauge, "A share."};
constexpr MetricInfo kHistogram{"h", "s", MetricKind::kHistogram, "Times."};
constexpr MetricInfo kObserved{"o", "s", MetricKind::kCounter, "Seen."};

// A registry with one of each, and what is sent of it.
class Sent {
 public:
  explicit Sent(Temporality temporality,
                Aggregation aggregation = Aggregation::kExplicit,
                size_t cardinality_limit = 2000)
      : registry_({.aggregation = aggregation,
                   .cardinality_limit = cardinality_limit}),
        reader_(temporality, kStart),
        observation_(registry_.Observe([](telemetry::Observations& seen) {
          seen.Add(kGauge, {}, 0.5);
          seen.Add(kObserved, {}, 10);
        })) {}

  telemetry::Registry& registry() { return registry_; }

  // Of the next reading, `after` the start.
  metrics::Metric Read(const MetricInfo& info, Duration after) {
    const Reading reading = reader_.Read(registry_.Collect(), kStart + after);
    const auto points = reading.Points(reader_.temporality());
    collector::metrics::v1::ExportMetricsServiceRequest request;
    EXPECT_TRUE(request.ParseFromString(
        EncodeMetrics(TestOrigin(), reading, true, points)));
    for (const auto& metric :
         request.resource_metrics(0).scope_metrics(0).metrics()) {
      if (metric.name() == info.name) return metric;
    }
    return {};
  }

 private:
  telemetry::Registry registry_;
  Reader reader_;
  const telemetry::Observation observation_;
};

TEST(EncodeMetrics, CumulativeSumsCountSinceTheStart) {
  Sent sent(Temporality::kCumulative);
  sent.registry().GetCounter(kCounter, {{"limit", "a"}}).Add(3);
  sent.Read(kCounter, std::chrono::seconds(1));
  sent.registry().GetCounter(kCounter, {{"limit", "a"}}).Add(4);
  const metrics::Metric metric = sent.Read(kCounter, std::chrono::seconds(2));
  EXPECT_EQ(metric.unit(), "{call}");
  EXPECT_EQ(metric.description(), "Calls.");
  EXPECT_TRUE(metric.sum().is_monotonic());
  EXPECT_EQ(metric.sum().aggregation_temporality(),
            metrics::AGGREGATION_TEMPORALITY_CUMULATIVE);
  const auto& point = metric.sum().data_points(0);
  EXPECT_EQ(point.as_int(), 7);
  EXPECT_EQ(point.start_time_unix_nano(), 1'700'000'000'000'000'000u);
  EXPECT_EQ(point.time_unix_nano(), 1'700'000'002'000'000'000u);
  EXPECT_EQ(TextOf(point.attributes(), "limit"), "a");
}

TEST(EncodeMetrics, DeltasCountSinceTheLastReading) {
  Sent sent(Temporality::kDelta);
  sent.registry().GetCounter(kCounter).Add(3);
  EXPECT_EQ(sent.Read(kCounter, std::chrono::seconds(1))
                .sum()
                .data_points(0)
                .as_int(),
            3);
  sent.registry().GetCounter(kCounter).Add(4);
  const metrics::Metric metric = sent.Read(kCounter, std::chrono::seconds(2));
  EXPECT_EQ(metric.sum().aggregation_temporality(),
            metrics::AGGREGATION_TEMPORALITY_DELTA);
  const auto& point = metric.sum().data_points(0);
  EXPECT_EQ(point.as_int(), 4);
  EXPECT_EQ(point.start_time_unix_nano(), 1'700'000'001'000'000'000u);
  // Nothing happened: nothing is said.
  EXPECT_EQ(sent.Read(kCounter, std::chrono::seconds(3)).name(), "");
}

TEST(EncodeMetrics, UpDownCountersAreCumulativeAlways) {
  Sent sent(Temporality::kDelta);
  sent.registry().GetUpDownCounter(kInUse).Add(5);
  sent.Read(kInUse, std::chrono::seconds(1));
  sent.registry().GetUpDownCounter(kInUse).Add(-2);
  const metrics::Metric metric = sent.Read(kInUse, std::chrono::seconds(2));
  EXPECT_FALSE(metric.sum().is_monotonic());
  EXPECT_EQ(metric.sum().aggregation_temporality(),
            metrics::AGGREGATION_TEMPORALITY_CUMULATIVE);
  EXPECT_EQ(metric.sum().data_points(0).as_int(), 3);
}

TEST(EncodeMetrics, LowMemoryRemembersNothingOfWhatIsObserved) {
  Sent sent(Temporality::kLowMemory);
  sent.registry().GetCounter(kCounter).Add(3);
  EXPECT_EQ(sent.Read(kObserved, std::chrono::seconds(1))
                .sum()
                .aggregation_temporality(),
            metrics::AGGREGATION_TEMPORALITY_CUMULATIVE);
  sent.registry().GetCounter(kCounter).Add(1);
  EXPECT_EQ(sent.Read(kCounter, std::chrono::seconds(2))
                .sum()
                .aggregation_temporality(),
            metrics::AGGREGATION_TEMPORALITY_DELTA);
}

TEST(EncodeMetrics, AGaugeHasNoStart) {
  const metrics::Metric metric =
      Sent(Temporality::kCumulative).Read(kGauge, std::chrono::seconds(1));
  ASSERT_EQ(metric.data_case(), metrics::Metric::kGauge);
  EXPECT_EQ(metric.gauge().data_points(0).as_double(), 0.5);
  EXPECT_EQ(metric.gauge().data_points(0).start_time_unix_nano(), 0u);
}

TEST(EncodeMetrics, AnExplicitHistogram) {
  Sent sent(Temporality::kCumulative);
  auto& histogram = sent.registry().GetHistogram(kHistogram);
  histogram.Record(0.001);
  histogram.Record(0.3, Context(9, false), kStart);
  const metrics::Metric metric = sent.Read(kHistogram, std::chrono::seconds(1));
  ASSERT_EQ(metric.data_case(), metrics::Metric::kHistogram);
  const auto& point = metric.histogram().data_points(0);
  EXPECT_EQ(point.count(), 2u);
  EXPECT_DOUBLE_EQ(point.sum(), 0.301);
  EXPECT_EQ(point.min(), 0.001);
  EXPECT_EQ(point.max(), 0.3);
  ASSERT_EQ(point.bucket_counts_size(), point.explicit_bounds_size() + 1);
  uint64_t all = 0;
  for (const uint64_t count : point.bucket_counts()) all += count;
  EXPECT_EQ(all, point.count());
  ASSERT_EQ(point.exemplars_size(), 1);
  EXPECT_EQ(point.exemplars(0).as_double(), 0.3);
  EXPECT_EQ(point.exemplars(0).trace_id().size(), 16u);
  EXPECT_EQ(point.exemplars(0).span_id().back(), '\x09');
}

TEST(EncodeMetrics, AHistogramsDelta) {
  Sent sent(Temporality::kDelta);
  auto& histogram = sent.registry().GetHistogram(kHistogram);
  histogram.Record(0.001);
  sent.Read(kHistogram, std::chrono::seconds(1));
  histogram.Record(0.5);
  const metrics::Metric metric = sent.Read(kHistogram, std::chrono::seconds(2));
  const auto& point = metric.histogram().data_points(0);
  EXPECT_EQ(metric.histogram().aggregation_temporality(),
            metrics::AGGREGATION_TEMPORALITY_DELTA);
  EXPECT_EQ(point.count(), 1u);
  EXPECT_DOUBLE_EQ(point.sum(), 0.5);
  EXPECT_FALSE(point.has_min());
  EXPECT_FALSE(point.has_max());
}

TEST(EncodeMetrics, AnExponentialHistogram) {
  Sent sent(Temporality::kCumulative, Aggregation::kExponential);
  auto& histogram = sent.registry().GetHistogram(kHistogram);
  histogram.Record(1.0);
  histogram.Record(1.05);
  histogram.Record(0.0);
  const metrics::Metric metric = sent.Read(kHistogram, std::chrono::seconds(1));
  ASSERT_EQ(metric.data_case(), metrics::Metric::kExponentialHistogram);
  const auto& point = metric.exponential_histogram().data_points(0);
  EXPECT_EQ(point.count(), 3u);
  EXPECT_EQ(point.zero_count(), 1u);
  EXPECT_EQ(point.scale(), 3);
  // 1.0 is the upper bound of bucket -1; 1.05 lies in (1, 2^(1/8)].
  EXPECT_EQ(point.positive().offset(), -1);
  EXPECT_THAT(point.positive().bucket_counts(), ElementsAre(1, 1));
  EXPECT_EQ(point.zero_threshold(), 0x1p-30);
  EXPECT_EQ(point.max(), 1.05);
}

TEST(EncodeMetrics, TheOverflowIsABoolean) {
  Sent sent(Temporality::kCumulative, Aggregation::kExplicit, 2);
  for (const char* limit : {"a", "b", "c"}) {
    sent.registry().GetCounter(kCounter, {{"limit", limit}}).Add();
  }
  const metrics::Metric metric = sent.Read(kCounter, std::chrono::seconds(1));
  ASSERT_EQ(metric.sum().data_points_size(), 2);
  const auto& overflow = metric.sum().data_points(1);
  EXPECT_EQ(overflow.attributes(0).key(), "otel.metric.overflow");
  EXPECT_TRUE(overflow.attributes(0).value().bool_value());
  EXPECT_EQ(overflow.as_int(), 2);
}

}  // namespace
}  // namespace outrigger::otlp
