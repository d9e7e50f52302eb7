#include "otlp/encode/metrics.h"

#include <google/protobuf/arena.h>

#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"
#include "otlp/encode/attributes.h"
#include "telemetry/instruments/buckets.h"
#include "telemetry/trace/span_context.h"

namespace outrigger::otlp {
namespace {

namespace metrics = opentelemetry::proto::metrics::v1;
using opentelemetry::proto::collector::metrics::v1::ExportMetricsServiceRequest;
using telemetry::ExponentialBuckets;
using telemetry::HistogramData;
using telemetry::MetricKind;

metrics::AggregationTemporality TemporalityOf(const PointToSend& point) {
  return point.delta ? metrics::AGGREGATION_TEMPORALITY_DELTA
                     : metrics::AGGREGATION_TEMPORALITY_CUMULATIVE;
}

bool IsExponential(const PointToSend& point) {
  const auto* data = std::get_if<HistogramData>(&point.point->value);
  return data != nullptr &&
         data->aggregation == telemetry::Aggregation::kExponential;
}

template <typename Out>
void FillTimes(const Reading& reading, const PointToSend& point, Out& out) {
  if (point.metric->info->kind != MetricKind::kGauge) {
    out.set_start_time_unix_nano(
        UnixNanos(point.delta ? reading.previous : reading.start));
  }
  out.set_time_unix_nano(UnixNanos(reading.time));
  AddAttributes(*point.point->attributes, *out.mutable_attributes());
}

void FillNumber(const Reading& reading, const PointToSend& point,
                metrics::NumberDataPoint& out) {
  FillTimes(reading, point, out);
  if (const auto* whole = std::get_if<int64_t>(&point.point->value)) {
    out.set_as_int(*whole);
  } else {
    out.set_as_double(std::get<double>(point.point->value));
  }
}

// What both kinds of histogram have.
template <typename Out>
void FillHistogram(const Reading& reading, const PointToSend& point,
                   bool exemplars, Out& out) {
  FillTimes(reading, point, out);
  const auto& data = std::get<HistogramData>(point.point->value);
  out.set_count(data.count);
  out.set_sum(data.sum);
  if (!point.delta && data.count > 0) {
    out.set_min(data.min);
    out.set_max(data.max);
  }
  if (!exemplars) return;
  for (const telemetry::Exemplar& exemplar : data.exemplars) {
    metrics::Exemplar* to = out.add_exemplars();
    to->set_time_unix_nano(UnixNanos(exemplar.time));
    to->set_as_double(exemplar.value);
    to->set_trace_id(Bytes(exemplar.span.trace_id));
    to->set_span_id(telemetry::SpanIdBytes(exemplar.span.span_id));
  }
}

void FillBuckets(const HistogramData& data, metrics::HistogramDataPoint& out) {
  out.mutable_bucket_counts()->Add(data.counts.begin(), data.counts.end());
  out.mutable_explicit_bounds()->Add(data.bounds.begin(), data.bounds.end());
}

void FillBuckets(const HistogramData& data,
                 metrics::ExponentialHistogramDataPoint& out) {
  out.set_scale(data.scale);
  out.set_zero_count(data.zero_count);
  out.set_zero_threshold(ExponentialBuckets::UpperBound(
      ExponentialBuckets::kFirst - 1, ExponentialBuckets::kScale));
  out.mutable_positive()->set_offset(data.offset);
  out.mutable_positive()->mutable_bucket_counts()->Add(data.counts.begin(),
                                                       data.counts.end());
}

// Begins the message for the metric of `point`, without points.
void Describe(const PointToSend& point, metrics::Metric& out) {
  const telemetry::MetricInfo& info = *point.metric->info;
  out.set_name(info.name);
  out.set_unit(info.unit);
  out.set_description(info.description);
  switch (info.kind) {
    case MetricKind::kCounter:
    case MetricKind::kUpDownCounter:
      out.mutable_sum()->set_aggregation_temporality(TemporalityOf(point));
      out.mutable_sum()->set_is_monotonic(info.kind == MetricKind::kCounter);
      return;
    case MetricKind::kGauge:
      out.mutable_gauge();
      return;
    case MetricKind::kHistogram:
      if (IsExponential(point)) {
        out.mutable_exponential_histogram()->set_aggregation_temporality(
            TemporalityOf(point));
      } else {
        out.mutable_histogram()->set_aggregation_temporality(
            TemporalityOf(point));
      }
  }
}

void AddPoint(const Reading& reading, const PointToSend& point, bool exemplars,
              metrics::Metric& out) {
  switch (out.data_case()) {
    case metrics::Metric::kSum:
      FillNumber(reading, point, *out.mutable_sum()->add_data_points());
      return;
    case metrics::Metric::kGauge:
      FillNumber(reading, point, *out.mutable_gauge()->add_data_points());
      return;
    case metrics::Metric::kHistogram: {
      auto* to = out.mutable_histogram()->add_data_points();
      FillHistogram(reading, point, exemplars, *to);
      FillBuckets(std::get<HistogramData>(point.point->value), *to);
      return;
    }
    case metrics::Metric::kExponentialHistogram: {
      auto* to = out.mutable_exponential_histogram()->add_data_points();
      FillHistogram(reading, point, exemplars, *to);
      FillBuckets(std::get<HistogramData>(point.point->value), *to);
      return;
    }
    case metrics::Metric::DATA_NOT_SET:
      return;
  }
}

}  // namespace

std::string EncodeMetrics(const Origin& origin, const Reading& reading,
                          bool exemplars,
                          absl::Span<const PointToSend> points) {
  google::protobuf::Arena arena;
  auto* request =
      google::protobuf::Arena::CreateMessage<ExportMetricsServiceRequest>(
          &arena);
  auto* resource_metrics = request->add_resource_metrics();
  *resource_metrics->mutable_resource() = origin.resource;
  auto* scope_metrics = resource_metrics->add_scope_metrics();
  *scope_metrics->mutable_scope() = origin.scope;
  metrics::Metric* metric = nullptr;
  const PointToSend* before = nullptr;
  for (const PointToSend& point : points) {
    // Points of one metric may differ in their temporality.
    if (before == nullptr || before->metric != point.metric ||
        before->delta != point.delta) {
      metric = scope_metrics->add_metrics();
      Describe(point, *metric);
    }
    before = &point;
    AddPoint(reading, point, exemplars, *metric);
  }
  return request->SerializeAsString();
}

}  // namespace outrigger::otlp
