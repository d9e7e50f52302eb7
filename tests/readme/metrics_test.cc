// The README's table of metrics is the one of telemetry/metrics.h.
#include "telemetry/metrics.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"

namespace outrigger::telemetry {
namespace {

constexpr char kBegin[] = "<!-- metrics -->\n";
constexpr char kEnd[] = "<!-- /metrics -->\n";

const char* KindName(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCounter:
      return "counter";
    case MetricKind::kUpDownCounter:
      return "up-down counter";
    case MetricKind::kGauge:
      return "gauge";
    case MetricKind::kHistogram:
      return "histogram";
  }
  return "?";
}

std::string Table() {
  std::string table = "| metric | kind | unit | what |\n|---|---|---|---|\n";
  for (const MetricInfo* info : AllMetrics()) {
    absl::StrAppend(&table, "| `", info->name, "` | ", KindName(info->kind),
                    " | `", info->unit, "` | ", info->description, " |\n");
  }
  return table;
}

TEST(Readme, HasEveryMetric) {
  std::ostringstream read;
  read << std::ifstream(OUTRIGGER_README).rdbuf();
  const std::string readme = read.str();
  const size_t begin = readme.find(kBegin);
  const size_t end = readme.find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const size_t from = begin + sizeof(kBegin) - 1;
  EXPECT_EQ(readme.substr(from, end - from), Table())
      << "Put this between the marks:\n"
      << Table();
}

}  // namespace
}  // namespace outrigger::telemetry
