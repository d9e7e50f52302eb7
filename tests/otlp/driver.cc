// An exporter on its own, for the tests in Python: options from the
// environment, orders on standard input, a line of answer to each.
//
//   spans N [BYTES]   N spans, as numbered ones; with a text of so many bytes
//   span NAME         one span that has everything (see FullSpan)
//   logs N            N log events
//   count N           adds to a counter
//   record SECONDS    a histogram's value, with an exemplar
//   flush SECONDS     "true" or "false"
//   metrics           all that the exporter counts of itself, as JSON
#include <cinttypes>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/clock.h"
#include "base/random.h"
#include "config/load.h"
#include "otlp/exporter.h"
#include "telemetry/registry.h"

extern char** environ;

namespace outrigger {
namespace {

constexpr telemetry::MetricInfo kCalls{
    "test.calls", "{call}", telemetry::MetricKind::kCounter, "Calls."};
constexpr telemetry::MetricInfo kTimes{
    "test.times", "s", telemetry::MetricKind::kHistogram, "Times."};
constexpr WallTime kStart{std::chrono::seconds(1'700'000'000)};

telemetry::SpanContext Context(uint64_t id, bool remote = false) {
  return {.trace_id = {.high = 0x0102030405060708, .low = 0x1112131415161718},
          .span_id = id,
          .sampled = true,
          .remote = remote};
}

telemetry::Span FullSpan() {
  telemetry::Span span;
  span.context = Context(1);
  span.parent = Context(2, true);
  span.trace_state = "vendor=value";
  span.name = "full";
  span.kind = telemetry::SpanKind::kServer;
  span.start = kStart;
  span.duration = std::chrono::milliseconds(5);
  span.attributes = {{"flag", true},
                     {"whole", int64_t{-3}},
                     {"number", 1.5},
                     {"text", std::string("caf\u00e9")}};
  span.events.push_back(
      {"happened", kStart + Duration(9), {{"n", int64_t{1}}}});
  span.links.push_back(Context(3, true));
  span.error = true;
  span.error_message = "went wrong";
  return span;
}

class Driver {
 public:
  Driver(const config::Config& config)
      : registry_({.aggregation = config.telemetry.histograms}),
        exporter_(otlp::Exporter::Start(config.otel.otlp, registry_, clock_,
                                        random_)) {}

  const absl::Status& status() const { return exporter_.status(); }

  std::string Obey(const std::string& line) {
    std::istringstream words(line);
    std::string order;
    words >> order;
    if (order == "span") return Give(FullSpan());
    if (order == "metrics") return Metrics();
    double number = 0;
    words >> number;
    if (order == "flush") return Flush(number);
    if (order == "record") return Record(number);
    const auto count = static_cast<uint64_t>(number);
    if (order == "count") registry_.GetCounter(kCalls).Add(count);
    size_t bytes = 0;
    words >> bytes;
    for (uint64_t i = 0; i < count && order == "spans"; ++i) GiveOne(i, bytes);
    for (uint64_t i = 0; i < count && order == "logs"; ++i) Log(i);
    return "done";
  }

 private:
  std::string Give(telemetry::Span span) {
    (*exporter_)->spans()->Accept(std::move(span));
    return "done";
  }

  void GiveOne(uint64_t i, size_t bytes) {
    telemetry::Span span;
    span.context = Context(1000 + i);
    span.name = "numbered";
    span.start = clock_.WallNow();
    span.attributes = {{"i", static_cast<int64_t>(i)}};
    if (bytes > 0) span.attributes.push_back({"text", std::string(bytes, 'x')});
    Give(std::move(span));
  }

  void Log(uint64_t i) {
    telemetry::LogRecord record;
    record.time = clock_.WallNow();
    record.level = telemetry::LogLevel::kWarning;
    record.part = "test";
    record.message = "event";
    record.fields = {{"i", absl::StrCat(i)}};
    record.span = Context(1);
    (*exporter_)->logs()->Accept(record);
  }

  std::string Record(double seconds) {
    registry_.GetHistogram(kTimes).Record(seconds, Context(7),
                                          clock_.WallNow());
    return "done";
  }

  std::string Flush(double seconds) {
    const auto most = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(seconds));
    return (*exporter_)->Flush(most) ? "true" : "false";
  }

  // {"name{key=value,…}": number, …}
  std::string Metrics() {
    std::vector<std::string> entries;
    for (const telemetry::Metric& metric : registry_.Collect()) {
      const absl::string_view name = metric.info->name;
      if (!absl::StartsWith(name, "otel.") &&
          !absl::StartsWith(name, "outrigger.otlp")) {
        continue;
      }
      for (const telemetry::Point& point : metric.points) {
        entries.push_back(absl::StrCat(
            "\"", name, "{",
            absl::StrJoin(*point.attributes, ",", absl::PairFormatter("=")),
            "}\": ", telemetry::NumberOf(point)));
      }
    }
    return absl::StrCat("{", absl::StrJoin(entries, ", "), "}");
  }

  const SystemClock clock_;
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  absl::StatusOr<std::unique_ptr<otlp::Exporter>> exporter_;
};

int Run() {
  const auto config =
      config::ParseText("", "", config::EnvironmentFrom(environ));
  if (!config.ok()) {
    std::cerr << config.status() << std::endl;
    return 1;
  }
  Driver driver(*config);
  if (!driver.status().ok()) {
    std::cerr << driver.status() << std::endl;
    return 1;
  }
  std::cout << "ready" << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::cout << driver.Obey(line) << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace outrigger

int main() { return outrigger::Run(); }
