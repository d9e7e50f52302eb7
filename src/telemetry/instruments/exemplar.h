// A measured value and the trace it was measured in.
#ifndef OUTRIGGER_TELEMETRY_INSTRUMENTS_EXEMPLAR_H_
#define OUTRIGGER_TELEMETRY_INSTRUMENTS_EXEMPLAR_H_

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "telemetry/trace/span_context.h"

namespace outrigger::telemetry {

struct Exemplar {
  double value = 0;
  WallTime time{};
  SpanContext span;  // valid
};

// Keeps the latest exemplar of each of some places, e.g. a histogram's buckets.
// Thread-safe; not for the hot path of calls that are not traced.
class ExemplarReservoir {
 public:
  // Memory is taken at the first Offer.
  explicit ExemplarReservoir(size_t places) : places_(places) {}

  // REQUIRES: place < places.
  void Offer(size_t place, const Exemplar& exemplar)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Those kept, in the order of their places.
  std::vector<Exemplar> Read() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const size_t places_;
  mutable absl::Mutex mutex_;
  std::vector<Exemplar> kept_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_INSTRUMENTS_EXEMPLAR_H_
