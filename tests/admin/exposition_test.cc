// Metrics in Prometheus' forms.
#include "admin/prometheus/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "admin/prometheus/names.h"
#include "admin/prometheus/numbers.h"
#include "telemetry/registry.h"

namespace outrigger::admin {
namespace {

using telemetry::MetricInfo;
using telemetry::MetricKind;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr MetricInfo kTries{"a.b.tries", "{try}", MetricKind::kCounter,
                            "Tries: \"a\\b\"\nand more."};
constexpr MetricInfo kInUse{"a.in-use", "By", MetricKind::kUpDownCounter, "U."};
constexpr MetricInfo kShare{"a.share", "1", MetricKind::kGauge, "S."};
constexpr MetricInfo kWait{"a.wait", "s", MetricKind::kHistogram, "W."};

constexpr char kScope[] =
    "otel_scope_name=\"outrigger\",otel_scope_version=\"9\"";

std::string Text(const telemetry::Registry& registry,
                 Format format = Format::kText) {
  return Expose(registry.Collect(), {{"service.name", "s"}}, "9", format);
}

TEST(Names, EndWithTheUnitsWord) {
  const auto name = [](const char* name, const char* unit, MetricKind kind) {
    return FamilyName({name, unit, kind, ""});
  };
  EXPECT_EQ(name("rpc.server.call.duration", "s", MetricKind::kHistogram),
            "rpc_server_call_duration_seconds");
  EXPECT_EQ(name("process.memory.usage", "By", MetricKind::kUpDownCounter),
            "process_memory_usage_bytes");
  EXPECT_EQ(name("a.used", "1", MetricKind::kGauge), "a_used_ratio");
  EXPECT_EQ(name("a.count", "1", MetricKind::kCounter), "a_count");
  EXPECT_EQ(name("a.calls", "{call}", MetricKind::kCounter), "a_calls");
  EXPECT_EQ(name("a.total", "{call}", MetricKind::kCounter), "a");
  EXPECT_EQ(name("a.seconds", "s", MetricKind::kGauge), "a_seconds");
  EXPECT_EQ(name("a", "By/s", MetricKind::kGauge), "a_bytes_per_second");
  EXPECT_EQ(name("a", "{call}/s", MetricKind::kGauge), "a_per_second");
  EXPECT_EQ(name("a", "s/{call}", MetricKind::kGauge), "a_seconds");
  EXPECT_EQ(name("1a..b-c", "furlong", MetricKind::kGauge), "_1a_b_c_furlong");
}

TEST(Names, OfAllMetricsDiffer) {
  std::set<std::string> names;
  for (const MetricInfo* info : telemetry::AllMetrics()) {
    EXPECT_TRUE(names.insert(FamilyName(*info)).second) << info->name;
  }
}

TEST(Names, LabelsLeaveTheFormatsOwnAlone) {
  EXPECT_EQ(LabelName("rpc.method"), "rpc_method");
  EXPECT_EQ(LabelName("le"), "attribute_le");
  EXPECT_EQ(LabelName("otel.scope.name"), "attribute_otel_scope_name");
  EXPECT_EQ(LabelName("__name__"), "_name_");
}

TEST(Numbers, AreAsShortAsReadsBack) {
  const auto text = [](double value) {
    std::string out;
    AppendNumber(value, out);
    return out;
  };
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(-3), "-3");
  EXPECT_EQ(text(NAN), "NaN");
  EXPECT_EQ(text(INFINITY), "+Inf");
  EXPECT_EQ(text(-INFINITY), "-Inf");
}

TEST(Numbers, BoundsAreCanonical) {
  EXPECT_EQ(BoundText(1), "1.0");
  EXPECT_EQ(BoundText(10), "10.0");
  EXPECT_EQ(BoundText(4096), "4096.0");
  EXPECT_EQ(BoundText(2.5), "2.5");
  EXPECT_EQ(BoundText(0.0001), "0.0001");
  EXPECT_EQ(BoundText(0.000005), "5e-06");
  EXPECT_EQ(BoundText(std::ldexp(1, -20)), "9.5367431640625e-07");
}

TEST(Exposition, CountersGaugesAndEscapes) {
  telemetry::Registry registry;
  registry.GetCounter(kTries, {{"limit.name", "a\"b\\c\nd"}}).Add(3);
  registry.GetUpDownCounter(kInUse).Add(-2);
  const auto observation = registry.Observe(
      [](telemetry::Observations& to) { to.Add(kShare, {}, 0.25); });
  EXPECT_EQ(Text(registry),
            absl::StrCat(
                "# HELP target_info What the metrics are of.\n"
                "# TYPE target_info gauge\ntarget_info{service_name=\"s\"} 1\n"
                "# HELP a_b_tries_total Tries: \"a\\\\b\"\\nand more.\n"
                "# TYPE a_b_tries_total counter\na_b_tries_total{",
                kScope, ",limit_name=\"a\\\"b\\\\c\\nd\"} 3\n",
                "# HELP a_in_use_bytes U.\n# TYPE a_in_use_bytes gauge\n",
                "a_in_use_bytes{", kScope, "} -2\n",
                "# HELP a_share_ratio S.\n# TYPE a_share_ratio gauge\n",
                "a_share_ratio{", kScope, "} 0.25\n"));
  EXPECT_EQ(
      Text(registry, Format::kOpenMetrics),
      absl::StrCat("# HELP target What the metrics are of.\n"
                   "# TYPE target info\ntarget_info{service_name=\"s\"} 1\n"
                   "# HELP a_b_tries Tries: \\\"a\\\\b\\\"\\nand more.\n"
                   "# TYPE a_b_tries counter\na_b_tries_total{",
                   kScope, ",limit_name=\"a\\\"b\\\\c\\nd\"} 3\n",
                   "# HELP a_in_use_bytes U.\n# TYPE a_in_use_bytes gauge\n",
                   "# UNIT a_in_use_bytes bytes\na_in_use_bytes{", kScope,
                   "} -2\n",
                   "# HELP a_share_ratio S.\n# TYPE a_share_ratio gauge\n",
                   "# UNIT a_share_ratio ratio\na_share_ratio{", kScope,
                   "} 0.25\n", "# EOF\n"));
}

TEST(Exposition, AttributesThatBecomeOneNameShareALabel) {
  telemetry::Registry registry;
  registry.GetCounter(kTries, {{"a.b", "1"}, {"a_b", "2"}, {"c", "3"}}).Add();
  EXPECT_THAT(Text(registry), HasSubstr(",a_b=\"1;2\",c=\"3\"} 1\n"));
}

TEST(Exposition, KeepsTheSeriesOfWhatWasTooMuch) {
  telemetry::Registry registry({.cardinality_limit = 2});
  for (const char* limit : {"a", "b", "c", "d"}) {
    registry.GetCounter(kTries, {{"limit", limit}}).Add();
  }
  EXPECT_THAT(Text(registry), HasSubstr("otel_metric_overflow=\"true\"} "));
}

// The lines of the histogram a.wait: what stands after its labels.
std::vector<std::string> BucketLines(const std::string& text) {
  std::vector<std::string> lines;
  for (const auto line : absl::StrSplit(text, '\n')) {
    const auto at = line.find(",le=");
    if (at != absl::string_view::npos) lines.emplace_back(line.substr(at + 4));
  }
  return lines;
}

// Buckets never fall, and the last one is the count.
void ExpectCumulative(const std::string& text, int count) {
  int last = 0;
  for (const std::string& line : BucketLines(text)) {
    const int here = std::stoi(line.substr(line.find("} ") + 2));
    EXPECT_GE(here, last) << line;
    last = here;
  }
  EXPECT_EQ(last, count);
  EXPECT_THAT(text, HasSubstr(absl::StrCat("a_wait_seconds_count{", kScope,
                                           "} ", count, "\n")));
}

TEST(Exposition, HistogramsAreAsTheyAre) {
  telemetry::Registry registry;
  telemetry::Histogram& wait = registry.GetHistogram(kWait);
  for (const double seconds : {0.000005, 0.000006, 0.2, 99.0}) {
    wait.Record(seconds);
  }
  const std::string text = Text(registry);
  ExpectCumulative(text, 4);
  EXPECT_THAT(text, HasSubstr("le=\"5e-06\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("le=\"1e-05\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("le=\"0.1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("le=\"0.25\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("le=\"10.0\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("le=\"+Inf\"} 4\n"));
  EXPECT_EQ(BucketLines(text).size(), telemetry::LatencyBounds().size() + 1);
}

TEST(Exposition, ExponentialHistogramsHaveBoundsAtPowersOfTwo) {
  telemetry::Registry registry(
      {.aggregation = telemetry::Aggregation::kExponential});
  telemetry::Histogram& wait = registry.GetHistogram(kWait);
  for (const double seconds : {0.0, 1e-8, 0.26, 0.5, 0.51, 1.0, 1e6}) {
    wait.Record(seconds);
  }
  const std::string text = Text(registry);
  ExpectCumulative(text, 7);
  EXPECT_EQ(BucketLines(text).size(), 34u);  // 2^-20 to 2^12, and +Inf
  EXPECT_THAT(text, HasSubstr("le=\"9.5367431640625e-07\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("le=\"0.25\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("le=\"0.5\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("le=\"1.0\"} 6\n"));
  EXPECT_THAT(text, HasSubstr("le=\"+Inf\"} 7\n"));
  // The bounds do not change with the values.
  telemetry::Registry other(
      {.aggregation = telemetry::Aggregation::kExponential});
  other.GetHistogram(kWait).Record(0.001);
  EXPECT_EQ(BucketLines(Text(other)).size(), 34u);
}

TEST(Exposition, ExemplarsLinkBucketsToTraces) {
  telemetry::Registry registry;
  telemetry::Histogram& wait = registry.GetHistogram(kWait);
  const telemetry::SpanContext span{
      .trace_id = {1, 2}, .span_id = 3, .sampled = true};
  wait.Record(0.2, span, WallTime(std::chrono::milliseconds(1'500)));
  wait.Record(99, span, WallTime(std::chrono::seconds(2)));
  const std::string text = Text(registry, Format::kOpenMetrics);
  const std::string ids =
      "{trace_id=\"00000000000000010000000000000002\","
      "span_id=\"0000000000000003\"}";
  EXPECT_THAT(text, HasSubstr("le=\"0.25\"} 1 # " + ids + " 0.2 1.500\n"));
  EXPECT_THAT(text, HasSubstr("le=\"+Inf\"} 2 # " + ids + " 99 2.000\n"));
  EXPECT_THAT(text, HasSubstr("le=\"0.5\"} 1\n"));
  EXPECT_THAT(Text(registry), Not(HasSubstr("trace_id")));
}

}  // namespace
}  // namespace outrigger::admin
