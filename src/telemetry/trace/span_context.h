// What names a span, in this process and across the wire.
#ifndef OUTRIGGER_TELEMETRY_TRACE_SPAN_CONTEXT_H_
#define OUTRIGGER_TELEMETRY_TRACE_SPAN_CONTEXT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace outrigger::telemetry {

// 16 bytes, the first half in `high`; in the order of the wire (big-endian).
struct TraceId {
  uint64_t high = 0;
  uint64_t low = 0;

  bool valid() const { return (high | low) != 0; }
  bool operator==(const TraceId&) const = default;
};

// A value: names a span. W3C Trace Context.
struct SpanContext {
  TraceId trace_id;
  uint64_t span_id = 0;
  bool sampled = false;
  // It came from another process.
  bool remote = false;

  bool valid() const { return trace_id.valid() && span_id != 0; }
  bool operator==(const SpanContext&) const = default;
};

// 16 bytes and 8 bytes, as OTLP wants them.
std::string Bytes(const TraceId& id);
std::string SpanIdBytes(uint64_t id);
// 32 and 16 lower-case hex digits.
std::string Hex(const TraceId& id);
std::string SpanIdHex(uint64_t id);

// The header `traceparent`: 00-<32 hex>-<16 hex>-<2 hex>. Later versions are
// read as the specification says. Unset if malformed or all zero. The result is
// remote.
std::optional<SpanContext> ParseTraceParent(absl::string_view header);
std::string FormatTraceParent(const SpanContext& context);

// `tracestate`, if it is well formed (W3C: at most 32 members, 512 bytes); else
// empty, and the trace goes on without it.
absl::string_view ValidTraceState(absl::string_view header);

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_TRACE_SPAN_CONTEXT_H_
