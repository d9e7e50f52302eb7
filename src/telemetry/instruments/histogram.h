// A histogram: how values are spread, recorded per thread.
#ifndef OUTRIGGER_TELEMETRY_INSTRUMENTS_HISTOGRAM_H_
#define OUTRIGGER_TELEMETRY_INSTRUMENTS_HISTOGRAM_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "base/clock.h"
#include "telemetry/instruments/buckets.h"
#include "telemetry/instruments/exemplar.h"
#include "telemetry/instruments/thread_cell.h"

namespace outrigger::telemetry {

// What a histogram has recorded, cumulative. Counts are whole: `count` is the
// sum of all buckets and zero_count. A record that is under way may be in the
// counts and not yet in sum, min and max.
struct HistogramData {
  Aggregation aggregation = Aggregation::kExplicit;
  // kExplicit: one more than bounds; the last is of values above all bounds.
  // kExponential: bucket i is the data model's bucket offset + i at `scale`;
  // empty at both ends; at most kMaxBuckets.
  std::vector<uint64_t> counts;
  absl::Span<const double> bounds;  // kExplicit; live for ever
  int scale = 0;
  int offset = 0;
  uint64_t zero_count = 0;
  uint64_t count = 0;
  double sum = 0;
  // Meaningful if count > 0.
  double min = 0;
  double max = 0;
  std::vector<Exemplar> exemplars;

  static constexpr size_t kMaxBuckets = 160;

  // Value below which a share `quantile` (0 to 1) of the records lies,
  // interpolated within its bucket; 0 if there are none.
  double Quantile(double quantile) const;
};

// The records of `later` that are not in `earlier`, which must be of the same
// histogram; min, max and exemplars are left out. Exponential data may be at
// different scales.
HistogramData Difference(const HistogramData& later,
                         const HistogramData& earlier);

// Exponential data at a lower scale: neighbours are merged. REQUIRES: scale <=
// data.scale.
HistogramData AtScale(HistogramData data, int scale);

// Thread-safe. A record takes no lock; the first of a thread allocates.
class Histogram {
 public:
  // `exemplars`: keep some of the traces that values came with.
  explicit Histogram(Aggregation aggregation, bool exemplars = true);
  ~Histogram();

  Histogram(const Histogram&) = delete;
  Histogram& operator=(const Histogram&) = delete;

  // NaN is dropped.
  void Record(double value) { Put(value); }
  void Record(Duration value) { Put(ToSeconds(value)); }

  // With the trace that it was measured in: for calls that are traced.
  void Record(double value, const SpanContext& span, WallTime now);

  HistogramData Read() const;

 private:
  struct Cell;

  // The bucket that it fell into.
  size_t Put(double value);
  size_t BucketOf(double value) const;
  Cell& CellHere(size_t index);

  const Aggregation aggregation_;
  const bool keeps_exemplars_;
  const size_t buckets_;
  std::array<std::atomic<Cell*>, kCells> cells_{};
  ExemplarReservoir exemplars_;
};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_INSTRUMENTS_HISTOGRAM_H_
