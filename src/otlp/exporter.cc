#include "otlp/exporter.h"

#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "otlp/encode/logs.h"
#include "otlp/encode/spans.h"
#include "otlp/run/metric_source.h"
#include "otlp/run/queued_source.h"
#include "otlp/send/make_sender.h"

namespace outrigger::otlp {

// What a signal needs, whatever it is.
struct Exporter::Route {
  Route(Signal signal, telemetry::Registry& registry)
      : meters(signal, registry) {}

  Meters meters;
  std::unique_ptr<Delivery> delivery;
  std::unique_ptr<Source> source;
};

class Exporter::SpanQueue final : public telemetry::SpanSink {
 public:
  explicit SpanQueue(QueuedSource<telemetry::Span>& source) : source_(source) {}
  void Accept(telemetry::Span span) override { source_.Put(std::move(span)); }

 private:
  QueuedSource<telemetry::Span>& source_;
};

class Exporter::LogQueue final : public telemetry::LogSink {
 public:
  explicit LogQueue(QueuedSource<telemetry::LogRecord>& source)
      : source_(source) {}
  void Accept(const telemetry::LogRecord& record) override {
    source_.Put(record);
  }

 private:
  QueuedSource<telemetry::LogRecord>& source_;
};

Exporter::Exporter(const Options& options, telemetry::Registry& registry,
                   const Clock& clock, RandomSource& random)
    : options_(options),
      registry_(registry),
      clock_(clock),
      random_(random),
      log_("otlp", clock),
      origin_(MakeOrigin(options.resource, random)),
      answers_(loop_) {}

absl::StatusOr<std::unique_ptr<Exporter>> Exporter::Start(
    const Options& options, telemetry::Registry& registry, const Clock& clock,
    RandomSource& random) {
  std::unique_ptr<Exporter> exporter(
      new Exporter(options, registry, clock, random));
  for (const auto prepare : {&Exporter::PrepareSpans, &Exporter::PrepareLogs,
                             &Exporter::PrepareMetrics}) {
    const absl::Status status = (exporter.get()->*prepare)();
    if (!status.ok()) return status;
  }
  for (auto& route : exporter->routes_) route->source->Start();
  exporter->thread_ = std::thread([loop = &exporter->loop_] { loop->Run(); });
  return exporter;
}

absl::StatusOr<Exporter::Route*> Exporter::AddRoute(Signal signal,
                                                    Duration export_timeout) {
  const Destination& destination = options_.Of(signal);
  auto sender = MakeSender(
      signal, destination,
      {.loop = loop_, .answers = answers_, .clock = clock_, .log = log_});
  if (!sender.ok()) return sender.status();
  routes_.push_back(std::make_unique<Route>(signal, registry_));
  Route& route = *routes_.back();
  route.delivery = std::make_unique<Delivery>(
      Delivery::Options{.signal = signal,
                        .attempt_timeout = destination.timeout,
                        .export_timeout = export_timeout,
                        .backoff = options_.backoff},
      *std::move(sender), loop_, clock_, random_, route.meters, log_);
  return &route;
}

absl::Status Exporter::PrepareSpans() {
  if (options_.traces.target == Target::kNone) return absl::OkStatus();
  auto route = AddRoute(Signal::kTraces, options_.spans.export_timeout);
  if (!route.ok()) return route.status();
  auto source = std::make_unique<QueuedSource<telemetry::Span>>(
      options_.spans,
      [this](absl::Span<const telemetry::Span> spans) {
        return EncodeSpans(origin_, options_.span_limits, spans);
      },
      *(*route)->delivery, (*route)->meters, loop_);
  spans_ = std::make_unique<SpanQueue>(*source);
  (*route)->source = std::move(source);
  return absl::OkStatus();
}

absl::Status Exporter::PrepareLogs() {
  if (options_.logs.target == Target::kNone) return absl::OkStatus();
  auto route = AddRoute(Signal::kLogs, options_.log_records.export_timeout);
  if (!route.ok()) return route.status();
  auto source = std::make_unique<QueuedSource<telemetry::LogRecord>>(
      options_.log_records,
      [this](absl::Span<const telemetry::LogRecord> records) {
        return EncodeLogs(origin_, options_.log_limits, records);
      },
      *(*route)->delivery, (*route)->meters, loop_);
  logs_ = std::make_unique<LogQueue>(*source);
  (*route)->source = std::move(source);
  return absl::OkStatus();
}

absl::Status Exporter::PrepareMetrics() {
  if (options_.metrics.target == Target::kNone) return absl::OkStatus();
  auto route = AddRoute(Signal::kMetrics, options_.metrics_export_timeout);
  if (!route.ok()) return route.status();
  (*route)->source = std::make_unique<MetricSource>(
      options_, origin_, registry_, clock_, *(*route)->delivery,
      (*route)->meters, loop_);
  return absl::OkStatus();
}

telemetry::SpanSink* Exporter::spans() { return spans_.get(); }

telemetry::LogSink* Exporter::logs() { return logs_.get(); }

bool Exporter::Flush(Duration most) {
  const MonotonicTime last = clock_.Now() + most;
  // Shared, since a source may answer after this has given up.
  struct Wait {
    explicit Wait(size_t sources) : left(sources) {}
    size_t left;  // the loop's
    absl::Notification flushed;
  };
  if (routes_.empty()) return true;
  const auto wait = std::make_shared<Wait>(routes_.size());
  loop_.Post([this, last, wait] {
    // Nobody waits any more. What has come since is not this one's to drop.
    if (clock_.Now() >= last) return;
    for (auto& route : routes_) {
      route->source->Flush(last, [wait] {
        if (--wait->left == 0) wait->flushed.Notify();
      });
    }
  });
  return wait->flushed.WaitForNotificationWithTimeout(
      absl::Nanoseconds(most.count()));
}

Exporter::~Exporter() {
  if (!thread_.joinable()) return;
  loop_.Stop();
  thread_.join();
}

}  // namespace outrigger::otlp
