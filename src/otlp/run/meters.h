// What the exporter counts of itself, by the conventions' names where there are
// any.
#ifndef OUTRIGGER_OTLP_RUN_METERS_H_
#define OUTRIGGER_OTLP_RUN_METERS_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "otlp/options.h"
#include "telemetry/registry.h"

namespace outrigger::otlp {

// "traces", "metrics" or "logs".
const char* NameOf(Signal signal);

// Of one signal. Thread-safe. The registry must outlive it.
class Meters {
 public:
  Meters(Signal signal, telemetry::Registry& registry)
      : signal_(signal), registry_(registry) {}

  // So many items are on their way, with a sender of this type; later -n.
  void InFlight(const char* sender, int64_t items);
  // A request with so many items was answered, or given up; `error_type` is
  // empty if it was accepted. `took`: its last attempt.
  void Exported(const char* sender, size_t items, absl::string_view error_type);
  void Attempt(const char* sender, Duration took, absl::string_view error_type);
  void Retried();
  // Items that never arrived. Not for what did not fit into the queue, which
  // has its counters bound.
  void Dropped(absl::string_view reason, size_t items);

  // Bound for the queue of this signal.
  telemetry::Counter& dropped_queue_full();
  telemetry::Counter& processed();
  telemetry::Counter& processed_queue_full();
  // Reports how long the queue is at every reading. `size` is called on the
  // thread that reads.
  [[nodiscard]] telemetry::Observation ObserveQueue(
      size_t capacity, std::function<size_t()> size);

 private:
  telemetry::Attributes Exporter(const char* sender,
                                 absl::string_view error_type) const;
  telemetry::Attributes Processor(absl::string_view error_type) const;

  const Signal signal_;
  telemetry::Registry& registry_;
};

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_RUN_METERS_H_
