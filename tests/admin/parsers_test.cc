// What others' parsers make of /metrics: promtool, and Prometheus' Python
// client.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "admin/prometheus/exposition.h"
#include "support/redis_server.h"
#include "telemetry/registry.h"

namespace outrigger::admin {
namespace {

using telemetry::Aggregation;
using telemetry::MetricInfo;
using telemetry::MetricKind;
using ::testing::HasSubstr;

// Every metric that there is, with two series each.
class ParsersTest : public ::testing::TestWithParam<Aggregation> {
 protected:
  ParsersTest() : registry_({.aggregation = GetParam()}) {
    for (const MetricInfo* info : telemetry::AllMetrics()) {
      for (const char* value : {"plain", "a \"quoted\\\" ünd\nmore"}) {
        Bump(*info, {{"some.name", value}});
      }
    }
  }

  void Bump(const MetricInfo& info, const telemetry::Attributes& attributes) {
    switch (info.kind) {
      case MetricKind::kCounter:
        registry_.GetCounter(info, attributes).Add(3);
        break;
      case MetricKind::kUpDownCounter:
        registry_.GetUpDownCounter(info, attributes).Add(-3);
        break;
      case MetricKind::kHistogram: {
        telemetry::Histogram& histogram =
            registry_.GetHistogram(info, attributes);
        const telemetry::SpanContext span{
            .trace_id = {1, 2}, .span_id = 3, .sampled = true};
        histogram.Record(0.0002, span, WallTime(std::chrono::hours(1)));
        histogram.Record(77);
        break;
      }
      case MetricKind::kGauge:
        observations_.push_back(
            registry_.Observe([&info, attributes](telemetry::Observations& to) {
              to.Add(info, attributes, 0.1);
            }));
        break;
    }
  }

  std::string Write(Format format) const {
    return folder_.Write("metrics",
                         Expose(registry_.Collect(), {{"service.name", "a\"b"}},
                                "1.2.3", format));
  }

  // The command's output, on both streams; its exit code in *code.
  std::string Run(const std::string& command, int* code) const {
    const std::string out = folder_.path() + "/out";
    *code = WEXITSTATUS(
        std::system(absl::StrCat(command, " >", out, " 2>&1").c_str()));
    std::ifstream in(out);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }

  // By Debian's Python, to which the package python3-prometheus-client belongs.
  void ExpectPythonReads(const char* format, const std::string& file) const {
    int code = 0;
    const std::string out =
        Run(absl::StrCat("/usr/bin/python3 -B ", OUTRIGGER_SOURCE_DIR,
                         "/tests/admin/parse_metrics.py ", format, " ", file),
            &code);
    EXPECT_EQ(code, 0) << out;
    // All are there, and target_info, and the line about exemplars.
    const std::vector<std::string> lines =
        absl::StrSplit(out, '\n', absl::SkipEmpty());
    EXPECT_EQ(lines.size(), telemetry::AllMetrics().size() + 2) << out;
    EXPECT_THAT(out, HasSubstr("rpc_server_call_duration_seconds histogram"));
    if (absl::string_view(format) == "openmetrics") {
      EXPECT_FALSE(absl::StrContains(out, "exemplars 0")) << out;
    }
  }

  TempDir folder_;
  telemetry::Registry registry_;
  std::vector<telemetry::Observation> observations_;
};

TEST_P(ParsersTest, PrometheusTakesTheText) {
  int code = 0;
  const std::string out = Run(
      absl::StrCat("promtool check metrics <", Write(Format::kText)), &code);
  // 3: it was read, and some of it is not to promtool's taste, namely the names
  // that OpenTelemetry's conventions give.
  EXPECT_TRUE(code == 0 || code == 3) << out;
  for (const absl::string_view line : absl::StrSplit(out, '\n')) {
    EXPECT_TRUE(line.empty() ||
                absl::StartsWith(line, "process_thread_count ") ||
                absl::StartsWith(line, "db_client_connection_count ") ||
                absl::StartsWith(line, "process_unix_file_descriptor_count "))
        << line;
  }
}

TEST_P(ParsersTest, PythonsClientTakesTheText) {
  ExpectPythonReads("text", Write(Format::kText));
}

TEST_P(ParsersTest, PythonsClientTakesOpenMetrics) {
  ExpectPythonReads("openmetrics", Write(Format::kOpenMetrics));
}

INSTANTIATE_TEST_SUITE_P(Histograms, ParsersTest,
                         ::testing::Values(Aggregation::kExplicit,
                                           Aggregation::kExponential),
                         [](const auto& info) {
                           return info.param == Aggregation::kExplicit
                                      ? "Explicit"
                                      : "Exponential";
                         });

}  // namespace
}  // namespace outrigger::admin
