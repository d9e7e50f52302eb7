#include "telemetry/trace/tracer.h"

#include <algorithm>
#include <atomic>
#include <utility>

namespace outrigger::telemetry {
namespace {

const SpanContext kNoSpan;
thread_local const SpanContext* current_span = &kNoSpan;

// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
// generators", 2014).
uint64_t Mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

uint64_t NotZero(uint64_t value) { return value == 0 ? 1 : value; }

}  // namespace

Tracer& Tracer::Off() {
  static SystemClock clock;
  static PseudoRandomSource random(0);
  static Tracer off(Options{}, clock, random, nullptr);
  return off;
}

Tracer::Tracer(Options options, const Clock& clock, RandomSource& random,
               SpanSink* sink)
    : options_(std::move(options)),
      clock_(clock),
      seed_(random.Next()),
      sink_(sink),
      notable_(options_.notable_per_second) {}

uint64_t Tracer::Random() {
  // Each thread walks a sequence of its own.
  static std::atomic<uint64_t> threads{0};
  thread_local uint64_t state = Mix(threads.fetch_add(1) + 1);
  state += 0x9E3779B97F4A7C15;
  return Mix(state ^ seed_);
}

uint64_t Tracer::NewSpanId() { return NotZero(Random()); }

SpanContext Tracer::Begin(const SpanContext& parent) {
  SpanContext context;
  if (parent.valid()) {
    context.trace_id = parent.trace_id;
  } else {
    context.trace_id = {Random(), NotZero(Random())};
  }
  context.sampled = options_.sampler.Samples(parent, context.trace_id);
  if (context.sampled) context.span_id = NewSpanId();
  return context;
}

void Tracer::Finish(Span span, MonotonicTime began, MonotonicTime ended) {
  span.duration = std::max(ended - began, Duration::zero());
  span.start = clock_.WallNow() - (clock_.Now() - began);
  sink_->Accept(std::move(span));
}

const SpanContext& ActiveSpan::context() const {
  return span_ == nullptr ? kNoSpan : span_->context;
}

void ActiveSpan::Open(Tracer& tracer, const SpanContext& parent) {
  tracer_ = &tracer;
  parent_ = parent;
  const SpanContext context = tracer.Begin(parent);
  trace_id_ = context.trace_id;
  if (context.sampled) Record(context);
}

void ActiveSpan::TryKeep() {
  if (!tracer_->GrantNotable()) return;
  Record({trace_id_, tracer_->NewSpanId(), /*sampled=*/true});
}

void ActiveSpan::Record(const SpanContext& context) {
  span_ = std::make_unique<Span>();
  span_->context = context;
  span_->parent = parent_;
}

void ActiveSpan::SetError(absl::string_view message) {
  if (!recording()) return;
  span_->error = true;
  span_->error_message = std::string(message);
}

void ActiveSpan::SetTraceState(absl::string_view trace_state) {
  if (recording()) span_->trace_state = std::string(trace_state);
}

void ActiveSpan::AddEvent(absl::string_view name, WallTime time,
                          SpanAttributes attributes) {
  if (!recording()) return;
  if (span_->events.size() < Span::kMaxEvents) {
    span_->events.push_back({name, time, std::move(attributes)});
  } else {
    ++span_->dropped_events;
  }
}

void ActiveSpan::AddLink(const SpanContext& to) {
  if (!recording() || !to.valid()) return;
  if (span_->links.size() < Span::kMaxLinks) {
    span_->links.push_back(to);
  } else {
    ++span_->dropped_links;
  }
}

void ActiveSpan::Close(absl::string_view name, SpanKind kind,
                       MonotonicTime began, MonotonicTime ended) {
  Tracer& tracer = *std::exchange(tracer_, nullptr);
  if (span_ == nullptr) return;
  std::unique_ptr<Span> span = std::move(span_);
  span->name = name;
  span->kind = kind;
  tracer.Finish(std::move(*span), began, ended);
}

const SpanContext& CurrentSpan() { return *current_span; }

ScopedSpan::ScopedSpan(const SpanContext& span)
    : outer_(current_span), span_(span) {
  current_span = span_.valid() ? &span_ : &kNoSpan;
}

ScopedSpan::~ScopedSpan() { current_span = outer_; }

}  // namespace outrigger::telemetry
