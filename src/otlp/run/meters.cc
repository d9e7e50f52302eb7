#include "otlp/run/meters.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "telemetry/metrics.h"

namespace outrigger::otlp {
namespace {

using telemetry::Attributes;
using telemetry::MetricInfo;

// The conventions' metrics of each signal; a processor is a queue, which
// metrics do not have.
struct Names {
  const char* name;
  const char* component;  // in otel.component.type
  const MetricInfo& in_flight;
  const MetricInfo& exported;
  const MetricInfo* queue_size;
  const MetricInfo* queue_capacity;
  const MetricInfo* processed;
};

const Names& Of(Signal signal) {
  static constexpr Names kTraces{"traces",
                                 "span",
                                 telemetry::kSdkSpansInFlight,
                                 telemetry::kSdkSpansExported,
                                 &telemetry::kSdkSpanQueueSize,
                                 &telemetry::kSdkSpanQueueCapacity,
                                 &telemetry::kSdkSpansProcessed};
  static constexpr Names kMetrics{"metrics",
                                  "metric",
                                  telemetry::kSdkPointsInFlight,
                                  telemetry::kSdkPointsExported,
                                  nullptr,
                                  nullptr,
                                  nullptr};
  static constexpr Names kLogs{"logs",
                               "log",
                               telemetry::kSdkLogsInFlight,
                               telemetry::kSdkLogsExported,
                               &telemetry::kSdkLogQueueSize,
                               &telemetry::kSdkLogQueueCapacity,
                               &telemetry::kSdkLogsProcessed};
  switch (signal) {
    case Signal::kTraces:
      return kTraces;
    case Signal::kMetrics:
      return kMetrics;
    case Signal::kLogs:
      return kLogs;
  }
  return kTraces;
}

// In the order of their names, as a series' attributes are.
Attributes Component(std::string type, absl::string_view error_type) {
  Attributes attributes;
  if (!error_type.empty()) {
    attributes.emplace_back("error.type", std::string(error_type));
  }
  attributes.emplace_back("otel.component.name", absl::StrCat(type, "/0"));
  attributes.emplace_back("otel.component.type", std::move(type));
  return attributes;
}

}  // namespace

const char* NameOf(Signal signal) { return Of(signal).name; }

Attributes Meters::Exporter(const char* sender,
                            absl::string_view error_type) const {
  return Component(
      absl::StrCat(sender, "_", Of(signal_).component, "_exporter"),
      error_type);
}

Attributes Meters::Processor(absl::string_view error_type) const {
  return Component(
      absl::StrCat("batching_", Of(signal_).component, "_processor"),
      error_type);
}

void Meters::InFlight(const char* sender, int64_t items) {
  registry_.GetUpDownCounter(Of(signal_).in_flight, Exporter(sender, ""))
      .Add(items);
}

void Meters::Exported(const char* sender, size_t items,
                      absl::string_view error_type) {
  if (items == 0) return;
  registry_.GetCounter(Of(signal_).exported, Exporter(sender, error_type))
      .Add(items);
}

void Meters::Attempt(const char* sender, Duration took,
                     absl::string_view error_type) {
  registry_
      .GetHistogram(telemetry::kSdkExportDuration, Exporter(sender, error_type))
      .Record(took);
}

void Meters::Retried() {
  registry_.GetCounter(telemetry::kOtlpRetries, {{"signal", Of(signal_).name}})
      .Add();
}

void Meters::Dropped(absl::string_view reason, size_t items) {
  if (items == 0) return;
  registry_
      .GetCounter(telemetry::kOtlpDropped, {{"reason", std::string(reason)},
                                            {"signal", Of(signal_).name}})
      .Add(items);
}

telemetry::Counter& Meters::dropped_queue_full() {
  return registry_.GetCounter(
      telemetry::kOtlpDropped,
      {{"reason", "queue_full"}, {"signal", Of(signal_).name}});
}

telemetry::Counter& Meters::processed() {
  return registry_.GetCounter(*Of(signal_).processed, Processor(""));
}

telemetry::Counter& Meters::processed_queue_full() {
  return registry_.GetCounter(*Of(signal_).processed, Processor("queue_full"));
}

telemetry::Observation Meters::ObserveQueue(size_t capacity,
                                            std::function<size_t()> size) {
  const Names& names = Of(signal_);
  return registry_.Observe([&names, capacity, size = std::move(size),
                            attributes =
                                Processor("")](telemetry::Observations& seen) {
    seen.Add(*names.queue_size, attributes, static_cast<double>(size()));
    seen.Add(*names.queue_capacity, attributes, static_cast<double>(capacity));
  });
}

}  // namespace outrigger::otlp
