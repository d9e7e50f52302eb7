// How a call is measured: its duration by status, and its span.
#ifndef OUTRIGGER_RPC_CORE_CALL_RECORD_H_
#define OUTRIGGER_RPC_CORE_CALL_RECORD_H_

#include <grpcpp/server_context.h>

#include <array>
#include <atomic>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "telemetry/registry.h"
#include "telemetry/trace/tracer.h"

namespace outrigger::rpc {

// What services measure their calls with. All outlive the server.
struct Instrumentation {
  telemetry::Registry& registry;
  telemetry::Tracer& tracer;
  const Clock& clock;
  // The Unix socket that calls come over, for spans; empty: none.
  std::string socket_path{};
};

// One call, or one message of a stream, that is under way.
struct CallRecord {
  MonotonicTime began{};
  telemetry::ActiveSpan span;
};

// Measures the calls of one method. Thread-safe. A call costs two readings of
// the clock and a record in a histogram; where it may be traced also a look at
// its metadata. Nothing of that if the registry is disabled.
class MethodRecorder {
 public:
  // Whole calls go to rpc.server.call.duration, messages of streams to
  // outrigger.rpc.message.duration.
  enum class What : uint8_t { kCalls, kMessages };

  // `method` is "package.Service/Method". `with` is copied.
  MethodRecorder(absl::string_view method, const Instrumentation& with,
                 What what = What::kCalls);

  // `context` is that of the call, or of the message's stream.
  void Begin(const grpc::ServerContext& context, CallRecord& record) {
    if (with_.registry.enabled()) Measure(context, record);
  }

  // At most once after each Begin. `status` is what the caller gets.
  void End(CallRecord& record, const absl::Status& status) {
    if (with_.registry.enabled()) Conclude(record, status);
  }

 private:
  static constexpr size_t kCodes = 17;

  void Measure(const grpc::ServerContext& context, CallRecord& record);
  void Conclude(CallRecord& record, const absl::Status& status);
  void Describe(const grpc::ServerContext& context,
                telemetry::ActiveSpan& span) const;
  // Made at the first call that needs it: most methods have few statuses.
  telemetry::Histogram& Durations(absl::StatusCode code);

  const absl::string_view method_;  // kept for ever, for spans
  const absl::string_view span_name_;
  const Instrumentation with_;
  const telemetry::MetricInfo& metric_;
  std::array<std::atomic<telemetry::Histogram*>, kCodes> durations_{};
};

// The caller's span, from `traceparent`; invalid if there is none, or if it is
// malformed. (`grpc-trace-bin` is not to be had: gRPC's core keeps it from
// applications.)
telemetry::SpanContext CallerOf(const grpc::ServerContext& context);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_CORE_CALL_RECORD_H_
