#include "server/observability.h"

#include <string>
#include <utility>

#include "base/version.h"
#include "telemetry/log.h"
#include "telemetry/log/log_metrics.h"

namespace outrigger::server {
namespace {

constexpr Duration kLookEvery = std::chrono::seconds(1);
// A stop has little time: Kubernetes kills after 30 s, and calls come first.
constexpr Duration kMostFlush = std::chrono::seconds(2);

telemetry::Registry::Options RegistryOptions(const config::Config& config) {
  return {.aggregation = config.telemetry.histograms,
          .cardinality_limit =
              static_cast<size_t>(config.telemetry.cardinality_limit),
          .exemplars = config.otel.otlp.exemplars,
          .enabled = config.telemetry.enabled};
}

telemetry::Tracer::Options TracerOptions(const config::Config& config) {
  telemetry::Tracer::Options options;
  options.sampler = config.otel.sampler;
  options.notable_per_second =
      static_cast<uint32_t>(config.telemetry.notable_traces_per_second);
  options.read_trace_context = config.otel.trace_context;
  if (config.otel.baggage) {
    options.baggage_attributes = config.telemetry.baggage_attributes;
  }
  return options;
}

bool Exports(const otlp::Options& options) {
  return options.traces.target != otlp::Target::kNone ||
         options.metrics.target != otlp::Target::kNone ||
         options.logs.target != otlp::Target::kNone;
}

}  // namespace

Observability::Observability(const config::Config& config, const Clock& clock)
    : clock_(clock),
      registry_(RegistryOptions(config)),
      log_(telemetry::ObserveLog(registry_)),
      process_(registry_, clock),
      analyser_(config.analyser,
                {.version = std::string(Version()),
                 .service = config.telemetry.service_name},
                clock, registry_),
      timers_(clock) {}

absl::StatusOr<std::unique_ptr<Observability>> Observability::Start(
    const config::Config& config, const Clock& clock, RandomSource& random) {
  telemetry::Log::SetFormat(config.telemetry.log_format);
  std::unique_ptr<Observability> all(new Observability(config, clock));
  absl::Status status = all->StartExporter(config, random);
  if (!status.ok()) return status;
  all->tracer_ = std::make_unique<telemetry::Tracer>(
      TracerOptions(config), clock, random,
      all->exporter_ == nullptr ? nullptr : all->exporter_->spans());
  all->Update(config);
  all->ScheduleLook();
  return all;
}

absl::Status Observability::StartExporter(const config::Config& config,
                                          RandomSource& random) {
  if (!config.telemetry.enabled || !Exports(config.otel.otlp)) {
    return absl::OkStatus();
  }
  auto exporter =
      otlp::Exporter::Start(config.otel.otlp, registry_, clock_, random);
  if (!exporter.ok()) return exporter.status();
  exporter_ = *std::move(exporter);
  telemetry::Log::SetSink(exporter_->logs());
  return absl::OkStatus();
}

Observability::~Observability() {
  timers_.Stop();
  telemetry::Log::SetSink(nullptr);
}

void Observability::Update(const config::Config& config) {
  telemetry::Log::SetMinimum(config.telemetry.log_level);
  analyser_.SetOptions(config.analyser);
}

void Observability::ScheduleLook() {
  timers_.RunAt(clock_.Now() + kLookEvery, [this] {
    telemetry::Log::Tick(clock_);
    analyser_.Look(clock_.Now(), clock_.WallNow(), registry_.Collect());
    ScheduleLook();
  });
}

void Observability::Flush() {
  telemetry::Log::Flush(clock_);
  if (exporter_ != nullptr) exporter_->Flush(kMostFlush);
}

}  // namespace outrigger::server
