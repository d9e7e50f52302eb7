#include "otlp/encode/readings.h"

#include <algorithm>
#include <utility>

namespace outrigger::otlp {
namespace {

using telemetry::HistogramData;
using telemetry::Metric;
using telemetry::MetricKind;
using telemetry::Point;
using telemetry::Snapshot;

bool IsDelta(const Metric& metric, const Point& point,
             Temporality temporality) {
  if (temporality == Temporality::kCumulative) return false;
  switch (metric.info->kind) {
    case MetricKind::kHistogram:
      return true;
    case MetricKind::kCounter:
      // A double is what an observer has counted.
      return temporality == Temporality::kDelta ||
             !std::holds_alternative<double>(point.value);
    case MetricKind::kUpDownCounter:
    case MetricKind::kGauge:
      return false;
  }
  return false;
}

const Point* FindPoint(const Metric* metric, const Point& like) {
  if (metric == nullptr) return nullptr;
  const auto found =
      std::lower_bound(metric->points.begin(), metric->points.end(), like,
                       [](const Point& a, const Point& b) {
                         return *a.attributes < *b.attributes;
                       });
  return found != metric->points.end() && *found->attributes == *like.attributes
             ? &*found
             : nullptr;
}

// What `point` has more than `earlier`. A sum that an observer counts may fall
// when what it observes began anew: then all of it is new.
void Subtract(const Point& earlier, Point& point) {
  if (auto* data = std::get_if<HistogramData>(&point.value)) {
    std::vector<telemetry::Exemplar> exemplars = std::move(data->exemplars);
    *data = Difference(*data, std::get<HistogramData>(earlier.value));
    data->exemplars = std::move(exemplars);
  } else if (auto* whole = std::get_if<int64_t>(&point.value)) {
    const int64_t past = std::get<int64_t>(earlier.value);
    if (*whole >= past) *whole -= past;
  } else {
    double& number = std::get<double>(point.value);
    const double past = std::get<double>(earlier.value);
    if (number >= past) number -= past;
  }
}

// Exemplars of an interval: those of earlier ones were sent with theirs.
void DropExemplarsBefore(WallTime time, Point& point) {
  auto* data = std::get_if<HistogramData>(&point.value);
  if (data == nullptr) return;
  std::erase_if(data->exemplars, [time](const telemetry::Exemplar& exemplar) {
    return exemplar.time < time;
  });
}

}  // namespace

std::vector<PointToSend> Reading::Points(Temporality temporality) const {
  std::vector<PointToSend> points;
  for (const Metric& metric : metrics) {
    for (const Point& point : metric.points) {
      points.push_back({&metric, &point, IsDelta(metric, point, temporality)});
    }
  }
  return points;
}

Reading Reader::Read(Snapshot snapshot, WallTime now) {
  Reading reading{.start = start_,
                  .previous = previous_time_,
                  .time = std::max(now, previous_time_ + Duration(1))};
  Snapshot kept;
  if (temporality_ == Temporality::kCumulative) {
    reading.metrics = std::move(snapshot);
  } else {
    kept = snapshot;
    for (Metric& metric : snapshot) {
      const Metric* before = Find(previous_, metric.info->name);
      Metric& out = reading.metrics.emplace_back();
      out.info = metric.info;
      for (Point& point : metric.points) {
        if (IsDelta(metric, point, temporality_)) {
          const Point* earlier = FindPoint(before, point);
          if (earlier != nullptr) Subtract(*earlier, point);
          if (telemetry::NumberOf(point) == 0) continue;
          DropExemplarsBefore(previous_time_, point);
        }
        out.points.push_back(std::move(point));
      }
      if (out.points.empty()) reading.metrics.pop_back();
    }
  }
  previous_ = std::move(kept);
  previous_time_ = reading.time;
  return reading;
}

}  // namespace outrigger::otlp
