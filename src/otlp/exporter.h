// Sends spans, metrics and log events to an OpenTelemetry collector.
//
// All work is done by one telemetry thread, which turns what is queued into
// requests, sends one at a time for each signal, and tries again what failed
// for a while. Spans and events wait in bounded queues; what does not fit is
// dropped and counted, so that a collector that is slow, gone or talks nonsense
// costs the callers nothing and the process a bounded amount of memory: the
// queues, and one batch a signal (below 4 MiB).
//
// The exporter's own calls are not traced.
#ifndef OUTRIGGER_OTLP_EXPORTER_H_
#define OUTRIGGER_OTLP_EXPORTER_H_

#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/random.h"
#include "loop/loop.h"
#include "otlp/encode/origin.h"
#include "otlp/options.h"
#include "otlp/send/grpc_sender.h"
#include "telemetry/log.h"
#include "telemetry/registry.h"
#include "telemetry/trace/span.h"

namespace outrigger::otlp {

// Thread-safe.
class Exporter {
 public:
  // Exports from now until destruction; does not wait for a collector. `clock`
  // must be the system's. All must outlive the exporter. kInvalidArgument names
  // an endpoint that cannot be understood; kFailedPrecondition a file of
  // certificates that cannot be read.
  static absl::StatusOr<std::unique_ptr<Exporter>> Start(
      const Options& options, telemetry::Registry& registry, const Clock& clock,
      RandomSource& random);

  // Drops what is queued: see Flush. Before, nobody may use the sinks any more
  // (Log::SetSink(nullptr)).
  ~Exporter();

  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  // Where finished spans go; null if they go nowhere.
  telemetry::SpanSink* spans();

  // Where log events go; null if they go nowhere.
  telemetry::LogSink* logs();

  // Sends all that is queued, and the metrics as they are now; returns when the
  // last has been answered or given up, at the latest after `most`. True: all
  // was tried in time. Blocks.
  bool Flush(Duration most);

 private:
  struct Route;
  class SpanQueue;
  class LogQueue;

  Exporter(const Options& options, telemetry::Registry& registry,
           const Clock& clock, RandomSource& random);

  absl::StatusOr<Route*> AddRoute(Signal signal, Duration export_timeout);
  absl::Status PrepareSpans();
  absl::Status PrepareLogs();
  absl::Status PrepareMetrics();

  const Options options_;
  telemetry::Registry& registry_;
  const Clock& clock_;
  RandomSource& random_;
  const telemetry::Log log_;
  const Origin origin_;

  // In the order of their construction; each uses those above it.
  Loop loop_;
  GrpcAnswers answers_;
  std::vector<std::unique_ptr<Route>> routes_;
  std::unique_ptr<SpanQueue> spans_;
  std::unique_ptr<LogQueue> logs_;
  std::thread thread_;  // runs the loop
};

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_EXPORTER_H_
