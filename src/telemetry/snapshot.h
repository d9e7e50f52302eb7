// All metrics at a moment.
#ifndef OUTRIGGER_TELEMETRY_SNAPSHOT_H_
#define OUTRIGGER_TELEMETRY_SNAPSHOT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "telemetry/instruments/histogram.h"
#include "telemetry/metrics.h"

namespace outrigger::telemetry {

// Bound attributes, in order: names to values. Values are configured names
// only, never a key's or a user's value.
using Attributes = std::vector<std::pair<std::string, std::string>>;

// The series that takes what is beyond the cardinality limit has this attribute
// alone, with the value "true" (a boolean on OTLP).
inline constexpr char kOverflowAttribute[] = "otel.metric.overflow";

// One series. Cumulative: sums and histograms count since the process started.
struct Point {
  std::shared_ptr<const Attributes> attributes;  // never null
  // Counters are int64_t; what is observed is double; histograms are
  // HistogramData.
  std::variant<int64_t, double, HistogramData> value;
};

struct Metric {
  const MetricInfo* info = nullptr;
  std::vector<Point> points;  // ordered by attributes, all different
};

// Ordered by name. A value.
using Snapshot = std::vector<Metric>;

// Null if there is none of that name.
const Metric* Find(const Snapshot& snapshot, absl::string_view name);
// The value of attribute `name`; empty if it is not there.
absl::string_view AttributeOf(const Point& point, absl::string_view name);
// A number as it is; of a histogram its count.
double NumberOf(const Point& point);

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_SNAPSHOT_H_
