// What the sidecar tells of itself: its instruments and who reads them.
#ifndef OUTRIGGER_SERVER_OBSERVABILITY_H_
#define OUTRIGGER_SERVER_OBSERVABILITY_H_

#include <memory>

#include "absl/status/statusor.h"
#include "analyser/analyser.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/timer_thread.h"
#include "config/config.h"
#include "otlp/exporter.h"
#include "telemetry/process/process_metrics.h"
#include "telemetry/registry.h"
#include "telemetry/trace/tracer.h"

namespace outrigger::server {

// The registry, the tracer, the exporter, and the analyser, which looks at the
// registry once a second on a thread of its own. Thread-safe.
class Observability {
 public:
  // The log's levels, format and sink are set for the whole process. `clock`
  // must be the system's; all must outlive this. Errors: those of
  // otlp::Exporter::Start.
  static absl::StatusOr<std::unique_ptr<Observability>> Start(
      const config::Config& config, const Clock& clock, RandomSource& random);

  // Without Flush, what is not exported yet is lost. Nobody may use the tracer
  // any more.
  ~Observability();

  Observability(const Observability&) = delete;
  Observability& operator=(const Observability&) = delete;

  telemetry::Registry& registry() { return registry_; }
  telemetry::Tracer& tracer() { return *tracer_; }
  const analyser::Analyser& analyser() const { return analyser_; }

  // What may change while running: the log's level and the analyser's
  // thresholds.
  void Update(const config::Config& config);

  // Exports what is left. Blocks for at most a few seconds.
  void Flush();

 private:
  Observability(const config::Config& config, const Clock& clock);

  absl::Status StartExporter(const config::Config& config,
                             RandomSource& random);
  void ScheduleLook();

  const Clock& clock_;
  telemetry::Registry registry_;
  const telemetry::Observation log_;
  const telemetry::ProcessMetrics process_;
  analyser::Analyser analyser_;
  std::unique_ptr<otlp::Exporter> exporter_;  // null: nothing is exported
  std::unique_ptr<telemetry::Tracer> tracer_;
  TimerThread timers_;  // last: it uses all above
};

}  // namespace outrigger::server

#endif  // OUTRIGGER_SERVER_OBSERVABILITY_H_
