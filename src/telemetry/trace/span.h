// A finished span, and those who take it.
#ifndef OUTRIGGER_TELEMETRY_TRACE_SPAN_H_
#define OUTRIGGER_TELEMETRY_TRACE_SPAN_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "telemetry/trace/span_context.h"

namespace outrigger::telemetry {

// The numbers are OTLP's.
enum class SpanKind : uint8_t { kInternal = 1, kServer = 2, kClient = 3 };

// `key` is a constant of the program, and a string_view value is one too; all
// else is a std::string.
struct SpanAttribute {
  absl::string_view key;
  std::variant<bool, int64_t, double, absl::string_view, std::string> value;
};
using SpanAttributes = absl::InlinedVector<SpanAttribute, 10>;

// Something that happened within the span.
struct SpanEvent {
  absl::string_view name;  // a constant
  WallTime time{};
  SpanAttributes attributes;
};

struct Span {
  SpanContext context;  // valid
  SpanContext parent;   // not valid: a root
  std::string trace_state;
  absl::string_view name;  // a constant
  SpanKind kind = SpanKind::kInternal;
  WallTime start{};
  Duration duration{};  // >= 0
  SpanAttributes attributes;
  // Dropped beyond kMaxEvents and kMaxLinks, and counted.
  std::vector<SpanEvent> events;
  std::vector<SpanContext> links;
  uint32_t dropped_events = 0;
  uint32_t dropped_links = 0;
  bool error = false;
  std::string error_message;

  static constexpr size_t kMaxEvents = 128;
  static constexpr size_t kMaxLinks = 128;
};

// Takes finished spans. Thread-safe; must not block: it is called on serving
// threads.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  virtual void Accept(Span span) = 0;
};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_TRACE_SPAN_H_
