// Which calls are traced.
#ifndef OUTRIGGER_TELEMETRY_TRACE_SAMPLER_H_
#define OUTRIGGER_TELEMETRY_TRACE_SAMPLER_H_

#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "telemetry/trace/span_context.h"

namespace outrigger::telemetry {

// OpenTelemetry's samplers: always_on (ratio 1), always_off (ratio 0) and
// traceidratio, each alone or under parentbased_. A value.
struct Sampler {
  // The share of traces, 0 to 1, that begin here and are sampled; if not
  // parent_based also of those that began elsewhere.
  double ratio = 1;
  // Follow the caller's decision where there is a caller.
  bool parent_based = true;

  // `parent` may be invalid: none. Decides by the trace's id alone, so that all
  // services with the same ratio choose the same traces.
  bool Samples(const SpanContext& parent, const TraceId& trace_id) const;

  bool operator==(const Sampler&) const = default;
};

// At most so many in any second: for what is always worth a trace, but may come
// in floods. Thread-safe, without a lock. Two threads that meet at the turn of
// a second may let a few more pass.
class RateBound {
 public:
  // 0: none.
  explicit RateBound(uint32_t most_per_second) : most_(most_per_second) {}
  bool Grant(MonotonicTime now);

 private:
  const uint32_t most_;
  std::atomic<int64_t> second_{-1};
  std::atomic<uint32_t> granted_{0};
};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_TRACE_SAMPLER_H_
