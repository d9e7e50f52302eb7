#include "telemetry/trace/sampler.h"

namespace outrigger::telemetry {

bool Sampler::Samples(const SpanContext& parent,
                      const TraceId& trace_id) const {
  if (parent_based && parent.valid()) return parent.sampled;
  if (ratio >= 1) return true;
  // The last 63 bits, as OpenTelemetry's SDKs take them.
  return static_cast<double>(trace_id.low >> 1) < ratio * 0x1.0p63;
}

bool RateBound::Grant(MonotonicTime now) {
  const int64_t second =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch())
          .count();
  int64_t seen = second_.load(std::memory_order_relaxed);
  if (seen != second && second_.compare_exchange_strong(
                            seen, second, std::memory_order_relaxed)) {
    granted_.store(0, std::memory_order_relaxed);
  }
  // A load first: in a flood nobody writes.
  return granted_.load(std::memory_order_relaxed) < most_ &&
         granted_.fetch_add(1, std::memory_order_relaxed) < most_;
}

}  // namespace outrigger::telemetry
