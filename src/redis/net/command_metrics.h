// What is measured of every command: how long it took, and its span.
#ifndef OUTRIGGER_REDIS_NET_COMMAND_METRICS_H_
#define OUTRIGGER_REDIS_NET_COMMAND_METRICS_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "redis/wire/command.h"
#include "telemetry/registry.h"
#include "telemetry/trace/tracer.h"

namespace outrigger::redis {

// Records db.client.operation.duration, but for commands that were refused at
// once, and a client span for commands that a traced call asked for; names as
// in OpenTelemetry's conventions for Redis. Thread-safe.
class CommandMetrics final : public CommandObserver {
 public:
  // All must outlive this.
  CommandMetrics(const Clock& clock, telemetry::Registry& registry,
                 telemetry::Tracer& tracer)
      : clock_(clock), registry_(registry), tracer_(tracer) {}

  // The command is asked for, by the current span. Returns how many others are
  // under way.
  int64_t Begin(Command& command);

  // Commands under way.
  int64_t in_flight() const {
    return in_flight_.load(std::memory_order_relaxed);
  }

  void Finished(const Command& command,
                const absl::StatusOr<Reply>& result) override;

 private:
  // Operation, script (may be empty) and error (empty: none).
  using Key = std::tuple<std::string, absl::string_view, std::string>;

  telemetry::Histogram& Durations(absl::string_view operation,
                                  absl::string_view script,
                                  const std::string& error);
  void RecordSpan(const Command& command, absl::string_view operation,
                  const absl::Status& status, const std::string& error,
                  MonotonicTime now);

  const Clock& clock_;
  telemetry::Registry& registry_;
  telemetry::Tracer& tracer_;
  std::atomic<int64_t> in_flight_{0};
  // Of the client's thread: what was tried ends there.
  absl::flat_hash_map<Key, telemetry::Histogram*> durations_;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_COMMAND_METRICS_H_
