#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"
#include "otlp/encode/attributes.h"
#include "otlp/encode/logs.h"
#include "otlp/encode/metrics.h"
#include "otlp/encode/spans.h"
#include "telemetry/registry.h"

namespace outrigger::otlp {
namespace {

namespace collector = opentelemetry::proto::collector;
namespace metrics = opentelemetry::proto::metrics::v1;
namespace trace = opentelemetry::proto::trace::v1;
using telemetry::Aggregation;
using telemetry::MetricInfo;
using telemetry::MetricKind;
using telemetry::SpanContext;
using ::testing::ElementsAre;

constexpr WallTime kStart{std::chrono::seconds(1'700'000'000)};

Origin TestOrigin() {
  PseudoRandomSource random(1);
  return MakeOrigin({{"service.name", "shop"}}, random);
}

SpanContext Context(uint64_t id, bool remote) {
  return {.trace_id = {.high = 0x0102030405060708, .low = 0x090a0b0c0d0e0f10},
          .span_id = id,
          .sampled = true,
          .remote = remote};
}

template <typename KeyValues>
std::string TextOf(const KeyValues& attributes, const std::string& key) {
  for (const auto& attribute : attributes) {
    if (attribute.key() == key) return attribute.value().string_value();
  }
  return "";
}

trace::ScopeSpans Decoded(const std::vector<telemetry::Span>& spans,
                          const SpanLimits& limits = {}) {
  collector::trace::v1::ExportTraceServiceRequest request;
  EXPECT_TRUE(
      request.ParseFromString(EncodeSpans(TestOrigin(), limits, spans)));
  EXPECT_EQ(request.resource_spans_size(), 1);
  EXPECT_EQ(request.resource_spans(0).scope_spans_size(), 1);
  return request.resource_spans(0).scope_spans(0);
}

TEST(Origin, SaysWhoSends) {
  collector::trace::v1::ExportTraceServiceRequest request;
  request.ParseFromString(
      EncodeSpans(TestOrigin(), {}, std::vector<telemetry::Span>(1)));
  const auto& attributes = request.resource_spans(0).resource().attributes();
  EXPECT_EQ(TextOf(attributes, "service.name"), "shop");
  EXPECT_EQ(TextOf(attributes, "telemetry.sdk.name"), "outrigger");
  EXPECT_EQ(TextOf(attributes, "telemetry.sdk.language"), "cpp");
  const std::string id = TextOf(attributes, "service.instance.id");
  EXPECT_THAT(id, ::testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}"
                                          "-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  const auto& scope = request.resource_spans(0).scope_spans(0).scope();
  EXPECT_EQ(scope.name(), "outrigger");
  EXPECT_FALSE(scope.version().empty());
}

TEST(Origin, GivenAttributesStay) {
  PseudoRandomSource random(1);
  const Origin origin =
      MakeOrigin({{"service.instance.id", "me"}, {"host.name", "h"}}, random);
  EXPECT_EQ(TextOf(origin.resource.attributes(), "service.instance.id"), "me");
  EXPECT_EQ(TextOf(origin.resource.attributes(), "host.name"), "h");
}

telemetry::Span FullSpan() {
  telemetry::Span span;
  span.context = Context(7, false);
  span.parent = Context(6, true);
  span.trace_state = "a=b";
  span.name = "pkg.Svc/Method";
  span.kind = telemetry::SpanKind::kServer;
  span.start = kStart;
  span.duration = std::chrono::milliseconds(5);
  span.attributes = {{"flag", true},
                     {"whole", int64_t{-3}},
                     {"number", 1.5},
                     {"constant", absl::string_view("c")},
                     {"text", std::string("t")}};
  span.events.push_back({"retry", kStart + Duration(9), {{"n", int64_t{1}}}});
  span.links.push_back(Context(5, true));
  span.dropped_events = 2;
  span.dropped_links = 3;
  span.error = true;
  span.error_message = "went wrong";
  return span;
}

TEST(EncodeSpans, KeepsEveryField) {
  const trace::ScopeSpans scope = Decoded({FullSpan()});
  ASSERT_EQ(scope.spans_size(), 1);
  const trace::Span& span = scope.spans(0);
  const std::string trace_id =
      "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10";
  EXPECT_EQ(span.trace_id(), trace_id);
  EXPECT_EQ(span.span_id(), std::string("\0\0\0\0\0\0\0\x07", 8));
  EXPECT_EQ(span.parent_span_id(), std::string("\0\0\0\0\0\0\0\x06", 8));
  EXPECT_EQ(span.trace_state(), "a=b");
  EXPECT_EQ(span.flags(), 0x301u);
  EXPECT_EQ(span.name(), "pkg.Svc/Method");
  EXPECT_EQ(span.kind(), trace::Span::SPAN_KIND_SERVER);
  EXPECT_EQ(span.start_time_unix_nano(), 1'700'000'000'000'000'000u);
  EXPECT_EQ(span.end_time_unix_nano(), 1'700'000'000'005'000'000u);
  ASSERT_EQ(span.attributes_size(), 5);
  EXPECT_TRUE(span.attributes(0).value().bool_value());
  EXPECT_EQ(span.attributes(1).value().int_value(), -3);
  EXPECT_EQ(span.attributes(2).value().double_value(), 1.5);
  EXPECT_EQ(TextOf(span.attributes(), "constant"), "c");
  EXPECT_EQ(TextOf(span.attributes(), "text"), "t");
  ASSERT_EQ(span.events_size(), 1);
  EXPECT_EQ(span.events(0).name(), "retry");
  EXPECT_EQ(span.events(0).time_unix_nano(), 1'700'000'000'000'000'009u);
  EXPECT_EQ(span.events(0).attributes(0).value().int_value(), 1);
  ASSERT_EQ(span.links_size(), 1);
  EXPECT_EQ(span.links(0).trace_id(), trace_id);
  EXPECT_EQ(span.links(0).span_id(), std::string("\0\0\0\0\0\0\0\x05", 8));
  EXPECT_EQ(span.links(0).flags(), 0x301u);
  EXPECT_EQ(span.dropped_events_count(), 2u);
  EXPECT_EQ(span.dropped_links_count(), 3u);
  EXPECT_EQ(span.status().code(), trace::Status::STATUS_CODE_ERROR);
  EXPECT_EQ(span.status().message(), "went wrong");
}

TEST(EncodeSpans, ARootHasNoParent) {
  telemetry::Span span;
  span.context = Context(1, false);
  const trace::Span out = Decoded({span}).spans(0);
  EXPECT_EQ(out.parent_span_id(), "");
  EXPECT_EQ(out.flags(), 0x101u);
  EXPECT_EQ(out.kind(), trace::Span::SPAN_KIND_INTERNAL);
  EXPECT_FALSE(out.has_status());
}

TEST(EncodeSpans, StaysWithinItsLimits) {
  SpanLimits limits;
  limits.attributes = 2;
  limits.value_length = 3;
  limits.events = 0;
  limits.links = 0;
  telemetry::Span span = FullSpan();
  span.attributes = {{"a", std::string("abcdef")},
                     {"b", std::string("ab\u00e9")},
                     {"c", true}};
  const trace::Span out = Decoded({span}, limits).spans(0);
  ASSERT_EQ(out.attributes_size(), 2);
  EXPECT_EQ(out.attributes(0).value().string_value(), "abc");
  EXPECT_EQ(out.attributes(1).value().string_value(), "ab");
  EXPECT_EQ(out.dropped_attributes_count(), 1u);
  EXPECT_EQ(out.events_size(), 0);
  EXPECT_EQ(out.dropped_events_count(), 3u);
  EXPECT_EQ(out.dropped_links_count(), 4u);
}

TEST(EncodeSpans, KeysAreUniqueAndTheLastOneWins) {
  telemetry::Span span;
  span.attributes = {{"a", int64_t{1}}, {"b", true}, {"a", int64_t{2}}};
  const trace::Span out = Decoded({span}).spans(0);
  ASSERT_EQ(out.attributes_size(), 2);
  EXPECT_EQ(out.attributes(1).key(), "a");
  EXPECT_EQ(out.attributes(1).value().int_value(), 2);
}

TEST(Clean, GivesUtf8WhateverComes) {
  EXPECT_EQ(Clean("plain", 100), "plain");
  EXPECT_EQ(Clean("\u00e9\u20ac\U0001F600", 100), "\u00e9\u20ac\U0001F600");
  EXPECT_EQ(Clean("a\xff\xc0\x80z", 100), "a???z");
  EXPECT_EQ(Clean("\xed\xa0\x80", 100), "???");       // a surrogate
  EXPECT_EQ(Clean("\xf4\x90\x80\x80", 100), "????");  // above U+10FFFF
  EXPECT_EQ(Clean("\xe2\x82", 100), "??");            // cut off
  EXPECT_EQ(Clean("\u20ac\u20ac", 5), "\u20ac");
}

TEST(EncodeLogs, KeepsEveryField) {
  telemetry::LogRecord record;
  record.time = kStart;
  record.level = telemetry::LogLevel::kWarning;
  record.part = "redis";
  record.message = "lost";
  record.fields = {{"node", "h:1"}};
  record.span = Context(4, false);
  collector::logs::v1::ExportLogsServiceRequest request;
  ASSERT_TRUE(request.ParseFromString(
      EncodeLogs(TestOrigin(), {}, std::vector<telemetry::LogRecord>{record})));
  const auto& out = request.resource_logs(0).scope_logs(0).log_records(0);
  EXPECT_EQ(out.time_unix_nano(), 1'700'000'000'000'000'000u);
  EXPECT_EQ(out.observed_time_unix_nano(), 1'700'000'000'000'000'000u);
  EXPECT_EQ(out.severity_number(), 13);
  EXPECT_EQ(out.severity_text(), "WARN");
  EXPECT_EQ(out.body().string_value(), "lost");
  EXPECT_EQ(TextOf(out.attributes(), "outrigger.part"), "redis");
  EXPECT_EQ(TextOf(out.attributes(), "node"), "h:1");
  EXPECT_EQ(out.trace_id().size(), 16u);
  EXPECT_EQ(out.span_id(), std::string("\0\0\0\0\0\0\0\x04", 8));
  EXPECT_EQ(out.flags(), 1u);
}

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
