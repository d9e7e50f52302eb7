#include "otlp/encode/spans.h"

#include <google/protobuf/arena.h>

#include <algorithm>

#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"
#include "otlp/encode/attributes.h"
#include "telemetry/trace/span_context.h"

namespace outrigger::otlp {
namespace {

namespace trace = opentelemetry::proto::trace::v1;
using opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;

constexpr uint32_t kSampledFlag = 1;

// `of`: whose bits 8 and 9 speak of, the parent or the linked span.
uint32_t Flags(bool sampled, const telemetry::SpanContext& of) {
  uint32_t flags = trace::SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK;
  if (sampled) flags |= kSampledFlag;
  if (of.remote) flags |= trace::SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK;
  return flags;
}

void FillEvents(const telemetry::Span& span, const SpanLimits& limits,
                trace::Span& out) {
  const size_t count = std::min<size_t>(span.events.size(), limits.events);
  for (size_t i = 0; i < count; ++i) {
    const telemetry::SpanEvent& event = span.events[i];
    trace::Span::Event* to = out.add_events();
    to->set_time_unix_nano(UnixNanos(event.time));
    to->set_name(event.name.data(), event.name.size());
    const ItemLimits its{.attributes = limits.event_attributes,
                         .value_length = limits.value_length};
    to->set_dropped_attributes_count(
        AddAttributes(event.attributes, its, *to->mutable_attributes()));
  }
  out.set_dropped_events_count(
      span.dropped_events + static_cast<uint32_t>(span.events.size() - count));
}

void FillLinks(const telemetry::Span& span, const SpanLimits& limits,
               trace::Span& out) {
  const size_t count = std::min<size_t>(span.links.size(), limits.links);
  for (size_t i = 0; i < count; ++i) {
    const telemetry::SpanContext& link = span.links[i];
    trace::Span::Link* to = out.add_links();
    to->set_trace_id(Bytes(link.trace_id));
    to->set_span_id(telemetry::SpanIdBytes(link.span_id));
    to->set_flags(Flags(link.sampled, link));
  }
  out.set_dropped_links_count(span.dropped_links +
                              static_cast<uint32_t>(span.links.size() - count));
}

void Fill(const telemetry::Span& span, const SpanLimits& limits,
          trace::Span& out) {
  out.set_trace_id(Bytes(span.context.trace_id));
  out.set_span_id(telemetry::SpanIdBytes(span.context.span_id));
  if (span.parent.valid()) {
    out.set_parent_span_id(telemetry::SpanIdBytes(span.parent.span_id));
  }
  if (!span.trace_state.empty()) {
    out.set_trace_state(Clean(span.trace_state, ItemLimits::kUnlimited));
  }
  out.set_flags(Flags(span.context.sampled, span.parent));
  out.set_name(span.name.data(), span.name.size());
  out.set_kind(static_cast<trace::Span::SpanKind>(span.kind));
  out.set_start_time_unix_nano(UnixNanos(span.start));
  out.set_end_time_unix_nano(
      UnixNanos(span.start + std::max(span.duration, Duration::zero())));
  out.set_dropped_attributes_count(
      AddAttributes(span.attributes, limits, *out.mutable_attributes()));
  FillEvents(span, limits, out);
  FillLinks(span, limits, out);
  if (span.error) {
    out.mutable_status()->set_code(trace::Status::STATUS_CODE_ERROR);
    out.mutable_status()->set_message(
        Clean(span.error_message, limits.value_length));
  }
}

}  // namespace

std::string EncodeSpans(const Origin& origin, const SpanLimits& limits,
                        absl::Span<const telemetry::Span> spans) {
  google::protobuf::ArenaOptions options;
  options.start_block_size = 64 << 10;
  options.max_block_size = 256 << 10;
  google::protobuf::Arena arena(options);
  auto* request =
      google::protobuf::Arena::CreateMessage<ExportTraceServiceRequest>(&arena);
  auto* resource_spans = request->add_resource_spans();
  *resource_spans->mutable_resource() = origin.resource;
  auto* scope_spans = resource_spans->add_scope_spans();
  *scope_spans->mutable_scope() = origin.scope;
  scope_spans->mutable_spans()->Reserve(static_cast<int>(spans.size()));
  for (const telemetry::Span& span : spans) {
    Fill(span, limits, *scope_spans->add_spans());
  }
  return request->SerializeAsString();
}

}  // namespace outrigger::otlp
