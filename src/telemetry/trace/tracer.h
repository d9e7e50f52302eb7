// Begins spans, decides which are kept, and hands finished ones on.
#ifndef OUTRIGGER_TELEMETRY_TRACE_TRACER_H_
#define OUTRIGGER_TELEMETRY_TRACE_TRACER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/random.h"
#include "telemetry/trace/sampler.h"
#include "telemetry/trace/span.h"
#include "telemetry/trace/span_context.h"

namespace outrigger::telemetry {

// Thread-safe.
class Tracer {
 public:
  struct Options {
    Sampler sampler;
    // Calls of note (denied, failed, degraded) that are kept in a second though
    // the sampler passed them over. 0: none.
    uint32_t notable_per_second = 10;
    // Continue the caller's trace, where it sends one.
    bool read_trace_context = true;
    // Baggage entries that become attributes of server spans, "baggage.<name>".
    std::vector<std::string> baggage_attributes;
  };

  // Traces nothing.
  static Tracer& Off();

  // `sink` null: nothing is traced. All must outlive the tracer.
  Tracer(Options options, const Clock& clock, RandomSource& random,
         SpanSink* sink);

  // False: no span will ever be kept, so nothing need be prepared for one.
  bool enabled() const { return sink_ != nullptr; }
  const Options& options() const { return options_; }

  // The context of a new span below `parent` (invalid: a new trace). Where
  // `sampled` is false, span_id is 0 and only the trace's id is of use. Takes
  // no lock.
  SpanContext Begin(const SpanContext& parent);

  // Whether a call of note may be kept now.
  bool GrantNotable() { return notable_.Grant(clock_.Now()); }

  // An id for a span that is to be kept.
  uint64_t NewSpanId();

  // `began` and `ended` become the span's start and duration. REQUIRES:
  // enabled().
  void Finish(Span span, MonotonicTime began, MonotonicTime ended);

 private:
  uint64_t Random();

  const Options options_;
  const Clock& clock_;
  const uint64_t seed_;
  SpanSink* const sink_;
  RateBound notable_;
};

// An operation that is under way and may become a span. Costs a few loads as
// long as it is not recording. Used by one thread at a time.
class ActiveSpan {
 public:
  // Begins below `parent`; again after End.
  void Begin(Tracer& tracer, const SpanContext& parent) {
    if (!tracer.enabled()) return;
    Open(tracer, parent);
  }

  // It will be kept: attributes are worth setting.
  bool recording() const { return span_ != nullptr; }
  // Valid while recording.
  const SpanContext& context() const;
  // Of the trace that it would belong to, recording or not. Not valid: nothing
  // is traced.
  const TraceId& trace_id() const { return trace_id_; }

  // Something of note happened: keep the span even if the sampler passed it
  // over, as far as Tracer::Options::notable_per_second allows.
  void KeepNotable() {
    if (tracer_ != nullptr && span_ == nullptr) TryKeep();
  }

  // All of these do nothing unless recording.
  template <typename Value>
  void Set(absl::string_view key, Value value) {
    if (recording()) span_->attributes.push_back({key, std::move(value)});
  }
  void SetError(absl::string_view message);
  void SetTraceState(absl::string_view trace_state);
  void AddEvent(absl::string_view name, WallTime time,
                SpanAttributes attributes);
  // E.g. from one who waited to the one whose work it waited for.
  void AddLink(const SpanContext& to);

  // Hands the span on, if it is kept. `name` is a constant.
  void End(absl::string_view name, SpanKind kind, MonotonicTime began,
           MonotonicTime ended) {
    if (tracer_ != nullptr) Close(name, kind, began, ended);
  }

 private:
  void Open(Tracer& tracer, const SpanContext& parent);
  void TryKeep();
  void Record(const SpanContext& context);
  void Close(absl::string_view name, SpanKind kind, MonotonicTime began,
             MonotonicTime ended);

  Tracer* tracer_ = nullptr;  // null: not begun
  SpanContext parent_;
  TraceId trace_id_;
  std::unique_ptr<Span> span_;
};

// The span that this thread works for; invalid: none, or one that is not
// recorded. What is asked of other parts meanwhile belongs to it.
const SpanContext& CurrentSpan();

// Makes `span` the thread's current one while it lives. An invalid span costs
// next to nothing.
class ScopedSpan {
 public:
  explicit ScopedSpan(const SpanContext& span);
  ~ScopedSpan();

  ScopedSpan(const ScopedSpan&) = delete;
  ScopedSpan& operator=(const ScopedSpan&) = delete;

 private:
  const SpanContext* const outer_;
  const SpanContext span_;
};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_TRACE_TRACER_H_
