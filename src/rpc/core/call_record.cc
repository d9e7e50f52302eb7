#include "rpc/core/call_record.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "telemetry/metrics.h"
#include "telemetry/trace/baggage.h"
#include "telemetry/trace/names.h"

namespace outrigger::rpc {
namespace {

using telemetry::ActiveSpan;
using telemetry::SpanContext;

// Empty if the metadata is not there; else the first value.
absl::string_view Metadata(const grpc::ServerContext& context,
                           const char* name) {
  const auto& all = context.client_metadata();
  const auto found = all.find(name);
  if (found == all.end()) return {};
  return {found->second.data(), found->second.size()};
}

// The codes that are the server's fault (OpenTelemetry's conventions for gRPC).
bool IsServerError(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDataLoss:
      return true;
    default:
      return false;
  }
}

size_t Index(absl::StatusCode code) {
  const auto value = static_cast<size_t>(code);
  return value < 17 ? value : static_cast<size_t>(absl::StatusCode::kUnknown);
}

}  // namespace

SpanContext CallerOf(const grpc::ServerContext& context) {
  return telemetry::ParseTraceParent(Metadata(context, "traceparent"))
      .value_or(SpanContext());
}

MethodRecorder::MethodRecorder(absl::string_view method,
                               const Instrumentation& with, What what)
    : method_(telemetry::KeptName(method)),
      span_name_(what == What::kCalls
                     ? method_
                     : telemetry::KeptName(absl::StrCat(method, " message"))),
      with_(with),
      metric_(what == What::kCalls ? telemetry::kRpcDuration
                                   : telemetry::kRpcMessageDuration) {}

telemetry::Histogram& MethodRecorder::Durations(absl::StatusCode code) {
  std::atomic<telemetry::Histogram*>& slot = durations_[Index(code)];
  telemetry::Histogram* made = slot.load(std::memory_order_acquire);
  if (made != nullptr) return *made;
  telemetry::Attributes attributes = {
      {"rpc.system.name", "grpc"},
      {"rpc.method", std::string(method_)},
      {"rpc.status_code", absl::StatusCodeToString(code)}};
  if (IsServerError(code)) {
    attributes.emplace_back("error.type", absl::StatusCodeToString(code));
  }
  made = &with_.registry.GetHistogram(metric_, attributes);
  slot.store(made, std::memory_order_release);
  return *made;
}

void MethodRecorder::Measure(const grpc::ServerContext& context,
                             CallRecord& record) {
  record.began = with_.clock.Now();
  telemetry::Tracer& tracer = with_.tracer;
  if (!tracer.enabled()) return;
  record.span.Begin(tracer, tracer.options().read_trace_context
                                ? CallerOf(context)
                                : SpanContext());
  if (record.span.recording()) Describe(context, record.span);
}

void MethodRecorder::Describe(const grpc::ServerContext& context,
                              ActiveSpan& span) const {
  span.SetTraceState(
      telemetry::ValidTraceState(Metadata(context, "tracestate")));
  const std::string peer = context.peer();
  if (absl::StartsWith(peer, "unix")) {
    span.Set("network.transport", absl::string_view("unix"));
    if (!with_.socket_path.empty()) {
      span.Set("network.peer.address", with_.socket_path);
    }
  } else {
    const size_t scheme = peer.find(':');
    span.Set("network.transport", absl::string_view("tcp"));
    span.Set("network.peer.address",
             peer.substr(scheme == std::string::npos ? 0 : scheme + 1));
  }
  const auto& wanted = with_.tracer.options().baggage_attributes;
  if (wanted.empty()) return;
  for (auto& [key, value] :
       telemetry::PickBaggage(Metadata(context, "baggage"), wanted)) {
    span.Set(key, std::move(value));
  }
}

void MethodRecorder::Conclude(CallRecord& record, const absl::Status& status) {
  const MonotonicTime now = with_.clock.Now();
  const absl::StatusCode code = status.code();
  const Duration took = now - record.began;
  ActiveSpan& span = record.span;
  if (!status.ok() && code != absl::StatusCode::kCancelled) span.KeepNotable();
  if (!span.recording()) {
    Durations(code).Record(took);
    span.End(span_name_, telemetry::SpanKind::kServer, record.began, now);
    return;
  }
  Durations(code).Record(ToSeconds(took), span.context(),
                         with_.clock.WallNow());
  span.Set("rpc.system.name", absl::string_view("grpc"));
  span.Set("rpc.method", method_);
  span.Set("rpc.status_code", absl::StatusCodeToString(code));
  if (IsServerError(code)) {
    span.Set("error.type", absl::StatusCodeToString(code));
    span.SetError(status.message());
  }
  span.End(span_name_, telemetry::SpanKind::kServer, record.began, now);
}

}  // namespace outrigger::rpc
