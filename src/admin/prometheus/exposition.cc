#include "admin/prometheus/exposition.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "admin/prometheus/histogram_writer.h"
#include "admin/prometheus/labels.h"
#include "admin/prometheus/names.h"
#include "admin/prometheus/numbers.h"

namespace outrigger::admin {
namespace {

using telemetry::HistogramData;
using telemetry::Metric;
using telemetry::MetricKind;
using telemetry::Point;

absl::string_view TypeWord(MetricKind kind) {
  switch (kind) {
    case MetricKind::kCounter:
      return "counter";
    case MetricKind::kHistogram:
      return "histogram";
    case MetricKind::kUpDownCounter:
    case MetricKind::kGauge:
      break;
  }
  return "gauge";
}

class Writer {
 public:
  Writer(absl::string_view version, Format format, size_t expected_bytes)
      : open_metrics_(format == Format::kOpenMetrics),
        histograms_(open_metrics_) {
    out_.reserve(expected_bytes);
    scope_ = "otel_scope_name=\"outrigger\",otel_scope_version=\"";
    AppendEscaped(version, /*quotes=*/true, scope_);
    scope_ += '"';
  }

  void AddTarget(const telemetry::Attributes& resource) {
    // OpenMetrics' info metrics end with _info, and their family does not.
    const absl::string_view family = open_metrics_ ? "target" : "target_info";
    AppendHead(family, open_metrics_ ? "info" : "gauge",
               "What the metrics are of.");
    out_ += "target_info{";
    labels_.Append(resource, out_);
    out_ += "} 1\n";
  }

  void Add(const Metric& metric) {
    const std::string family = FamilyName(*metric.info);
    const bool counter = metric.info->kind == MetricKind::kCounter;
    const std::string sample = counter ? family + "_total" : family;
    AppendHead(open_metrics_ ? family : sample, TypeWord(metric.info->kind),
               metric.info->description);
    const std::string unit = UnitWord(metric.info->unit, metric.info->kind);
    if (open_metrics_ && !unit.empty()) {
      absl::StrAppend(&out_, "# UNIT ", family, " ", unit, "\n");
    }
    for (const Point& point : metric.points) {
      series_ = scope_;
      if (!point.attributes->empty()) series_ += ',';
      labels_.Append(*point.attributes, series_);
      AddPoint(sample, point);
    }
  }

  std::string Finish() && {
    if (open_metrics_) out_ += "# EOF\n";
    return std::move(out_);
  }

 private:
  void AppendHead(absl::string_view family, absl::string_view type,
                  absl::string_view description) {
    absl::StrAppend(&out_, "# HELP ", family, " ");
    AppendEscaped(description, /*quotes=*/open_metrics_, out_);
    absl::StrAppend(&out_, "\n# TYPE ", family, " ", type, "\n");
  }

  // The labels are in series_.
  void AddPoint(const std::string& sample, const Point& point) {
    if (const auto* const data = std::get_if<HistogramData>(&point.value)) {
      histograms_.Append(sample, series_, *data, out_);
      return;
    }
    out_ += sample;
    out_ += '{';
    out_ += series_;
    out_ += "} ";
    if (const auto* const whole = std::get_if<int64_t>(&point.value)) {
      AppendNumber(*whole, out_);
    } else {
      AppendNumber(std::get<double>(point.value), out_);
    }
    out_ += '\n';
  }

  const bool open_metrics_;
  HistogramWriter histograms_;
  LabelWriter labels_;
  std::string scope_;
  std::string series_;  // one series' labels; kept for its memory
  std::string out_;
};

}  // namespace

absl::string_view ContentTypeOf(Format format) {
  return format == Format::kOpenMetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

std::string Expose(const telemetry::Snapshot& snapshot,
                   const telemetry::Attributes& resource,
                   absl::string_view version, Format format,
                   size_t expected_bytes) {
  Writer writer(version, format, expected_bytes);
  writer.AddTarget(resource);
  for (const Metric& metric : snapshot) writer.Add(metric);
  return std::move(writer).Finish();
}

}  // namespace outrigger::admin
