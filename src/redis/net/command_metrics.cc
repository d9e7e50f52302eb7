#include "redis/net/command_metrics.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "redis/net/node.h"
#include "telemetry/metrics.h"
#include "telemetry/trace/names.h"

namespace outrigger::redis {
namespace {

using telemetry::Span;

// A name of few values: Redis' error prefix, or what befell the command.
std::string ErrorType(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return "";
    case absl::StatusCode::kDeadlineExceeded:
      return "timeout";
    default:
      break;
  }
  absl::string_view text = status.message();
  if (!absl::ConsumePrefix(&text, "Redis says: ")) return "unavailable";
  return std::string(text.substr(0, text.find(' ')));
}

}  // namespace

int64_t CommandMetrics::Begin(Command& command) {
  command.observer = this;
  command.posted = clock_.Now();
  command.span = telemetry::CurrentSpan();
  return in_flight_.fetch_add(1, std::memory_order_relaxed);
}

void CommandMetrics::Finished(const Command& command,
                              const absl::StatusOr<Reply>& result) {
  in_flight_.fetch_sub(1, std::memory_order_relaxed);
  if (!registry_.enabled()) return;
  const MonotonicTime now = clock_.Now();
  const absl::string_view operation =
      command.script == nullptr ? NameOf(command.wire) : "EVALSHA";
  const absl::string_view script =
      command.script == nullptr ? "" : command.script->name();
  const std::string error = ErrorType(result.status());
  const Duration took = now - command.posted;
  // What was refused at once has taken no time, which says nothing of Redis.
  const bool tried = command.deadline != MonotonicTime();
  const bool traced = command.span.sampled;
  if (tried && traced) {
    Durations(operation, script, error)
        .Record(ToSeconds(took), command.span, clock_.WallNow());
  } else if (tried) {
    Durations(operation, script, error).Record(took);
  }
  if (traced) RecordSpan(command, operation, result.status(), error, now);
}

telemetry::Histogram& CommandMetrics::Durations(absl::string_view operation,
                                                absl::string_view script,
                                                const std::string& error) {
  telemetry::Histogram*& durations =
      durations_[Key(std::string(operation), script, error)];
  if (durations != nullptr) return *durations;
  telemetry::Attributes attributes = {
      {"db.system.name", "redis"},
      {"db.operation.name", std::string(operation)}};
  if (!script.empty()) {
    attributes.emplace_back("db.stored_procedure.name", std::string(script));
  }
  if (!error.empty()) attributes.emplace_back("error.type", error);
  durations = &registry_.GetHistogram(telemetry::kRedisDuration, attributes);
  return *durations;
}

void CommandMetrics::RecordSpan(const Command& command,
                                absl::string_view operation,
                                const absl::Status& status,
                                const std::string& error, MonotonicTime now) {
  if (!tracer_.enabled()) return;
  Span span;
  span.context = {command.span.trace_id, tracer_.NewSpanId(), /*sampled=*/true};
  span.parent = command.span;
  span.name = telemetry::KeptName(operation);
  span.kind = telemetry::SpanKind::kClient;
  span.attributes = {{"db.system.name", absl::string_view("redis")},
                     {"db.operation.name", span.name}};
  if (command.script != nullptr) {
    span.attributes.push_back(
        {"db.stored_procedure.name", command.script->name()});
  }
  if (command.node != nullptr) {
    const Address& server = command.node->address();
    span.attributes.push_back({"server.address", server.host});
    span.attributes.push_back({"server.port", int64_t{server.port}});
  }
  if (!status.ok()) {
    span.error = true;
    span.error_message = std::string(status.message());
    span.attributes.push_back({"error.type", error});
    if (absl::StartsWith(status.message(), "Redis says: ")) {
      span.attributes.push_back({"db.response.status_code", error});
    }
  }
  tracer_.Finish(std::move(span), command.posted, now);
}

}  // namespace outrigger::redis
