#include "otlp/encode/spans.h"

#include <algorithm>

#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"
#include "otlp/encode/attributes.h"
#include "otlp/encode/span_attributes.h"
#include "otlp/encode/wire.h"
#include "telemetry/trace/span_context.h"

namespace outrigger::otlp {
namespace {

namespace trace = opentelemetry::proto::trace::v1;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
using Out = trace::Span;
using telemetry::SpanIdBytes;

constexpr uint32_t kSampledFlag = 1;
// A guess at what a span takes.
constexpr size_t kUsualBytes = 400;

// `of`: whose bits 8 and 9 speak of, the parent or the linked span.
uint32_t Flags(bool sampled, const telemetry::SpanContext& of) {
  uint32_t flags = trace::SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK;
  if (sampled) flags |= kSampledFlag;
  if (of.remote) flags |= trace::SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK;
  return flags;
}

void WriteCount(int field, size_t count, WireWriter& out) {
  if (count > 0) out.Varint(field, count);
}

void WriteEvents(const telemetry::Span& span, const SpanLimits& limits,
                 WireWriter& out) {
  const ItemLimits its{.attributes = limits.event_attributes,
                       .value_length = limits.value_length};
  const size_t count = std::min<size_t>(span.events.size(), limits.events);
  for (size_t i = 0; i < count; ++i) {
    const telemetry::SpanEvent& event = span.events[i];
    std::string bytes;
    WireWriter to(bytes);
    to.Fixed64(Out::Event::kTimeUnixNanoFieldNumber, UnixNanos(event.time));
    to.Bytes(Out::Event::kNameFieldNumber, event.name);
    WriteCount(Out::Event::kDroppedAttributesCountFieldNumber,
               WriteAttributes(Out::Event::kAttributesFieldNumber,
                               event.attributes, its, to),
               to);
    out.Bytes(Out::kEventsFieldNumber, bytes);
  }
  WriteCount(Out::kDroppedEventsCountFieldNumber,
             span.dropped_events + span.events.size() - count, out);
}

void WriteLinks(const telemetry::Span& span, const SpanLimits& limits,
                WireWriter& out) {
  const size_t count = std::min<size_t>(span.links.size(), limits.links);
  for (size_t i = 0; i < count; ++i) {
    const telemetry::SpanContext& link = span.links[i];
    std::string bytes;
    WireWriter to(bytes);
    to.Bytes(Out::Link::kTraceIdFieldNumber, Bytes(link.trace_id));
    to.Bytes(Out::Link::kSpanIdFieldNumber, SpanIdBytes(link.span_id));
    to.Fixed32(Out::Link::kFlagsFieldNumber, Flags(link.sampled, link));
    out.Bytes(Out::kLinksFieldNumber, bytes);
  }
  WriteCount(Out::kDroppedLinksCountFieldNumber,
             span.dropped_links + span.links.size() - count, out);
}

void WriteError(const telemetry::Span& span, const SpanLimits& limits,
                WireWriter& out) {
  std::string bytes;
  WireWriter to(bytes);
  const std::string message = Clean(span.error_message, limits.value_length);
  if (!message.empty()) to.Bytes(trace::Status::kMessageFieldNumber, message);
  to.Varint(trace::Status::kCodeFieldNumber, trace::Status::STATUS_CODE_ERROR);
  out.Bytes(Out::kStatusFieldNumber, bytes);
}

void Write(const telemetry::Span& span, const SpanLimits& limits,
           WireWriter& out) {
  out.Bytes(Out::kTraceIdFieldNumber, Bytes(span.context.trace_id));
  out.Bytes(Out::kSpanIdFieldNumber, SpanIdBytes(span.context.span_id));
  if (!span.trace_state.empty()) {
    out.Bytes(Out::kTraceStateFieldNumber,
              Clean(span.trace_state, ItemLimits::kUnlimited));
  }
  if (span.parent.valid()) {
    out.Bytes(Out::kParentSpanIdFieldNumber, SpanIdBytes(span.parent.span_id));
  }
  out.Fixed32(Out::kFlagsFieldNumber, Flags(span.context.sampled, span.parent));
  out.Bytes(Out::kNameFieldNumber, span.name);
  out.Varint(Out::kKindFieldNumber, static_cast<uint64_t>(span.kind));
  out.Fixed64(Out::kStartTimeUnixNanoFieldNumber, UnixNanos(span.start));
  out.Fixed64(
      Out::kEndTimeUnixNanoFieldNumber,
      UnixNanos(span.start + std::max(span.duration, Duration::zero())));
  WriteCount(Out::kDroppedAttributesCountFieldNumber,
             WriteAttributes(Out::kAttributesFieldNumber, span.attributes,
                             limits, out),
             out);
  WriteEvents(span, limits, out);
  WriteLinks(span, limits, out);
  if (span.error) WriteError(span, limits, out);
}

}  // namespace

std::string EncodeSpans(const Origin& origin, const SpanLimits& limits,
                        absl::Span<const telemetry::Span> spans) {
  // ScopeSpans first, since the messages around it begin with its size.
  std::string scope_bytes;
  scope_bytes.reserve(spans.size() * kUsualBytes);
  WireWriter scope(scope_bytes);
  scope.Bytes(trace::ScopeSpans::kScopeFieldNumber,
              origin.scope.SerializeAsString());
  std::string span_bytes;
  WireWriter one(span_bytes);
  for (const telemetry::Span& span : spans) {
    span_bytes.clear();
    Write(span, limits, one);
    scope.Bytes(trace::ScopeSpans::kSpansFieldNumber, span_bytes);
  }
  const std::string resource = origin.resource.SerializeAsString();
  const size_t size = WireWriter::FieldSize(resource.size()) +
                      WireWriter::FieldSize(scope_bytes.size());
  std::string request;
  request.reserve(WireWriter::FieldSize(size));
  WireWriter out(request);
  out.Length(ExportTraceServiceRequest::kResourceSpansFieldNumber, size);
  out.Bytes(trace::ResourceSpans::kResourceFieldNumber, resource);
  out.Bytes(trace::ResourceSpans::kScopeSpansFieldNumber, scope_bytes);
  return request;
}

}  // namespace outrigger::otlp
