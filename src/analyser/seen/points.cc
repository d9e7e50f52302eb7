#include "analyser/seen/points.h"

namespace outrigger::analyser {

const std::vector<telemetry::Point>& PointsOf(
    const telemetry::Snapshot& snapshot, absl::string_view name) {
  static const auto* const none = new std::vector<telemetry::Point>;
  const telemetry::Metric* metric = Find(snapshot, name);
  return metric == nullptr ? *none : metric->points;
}

std::optional<double> SumOf(const telemetry::Snapshot& snapshot,
                            absl::string_view name) {
  const auto& points = PointsOf(snapshot, name);
  if (points.empty()) return std::nullopt;
  double sum = 0;
  for (const telemetry::Point& point : points) sum += NumberOf(point);
  return sum;
}

}  // namespace outrigger::analyser
