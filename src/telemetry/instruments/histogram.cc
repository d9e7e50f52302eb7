#include "telemetry/instruments/histogram.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace outrigger::telemetry {
namespace {

// One exemplar an octave is enough of exponential buckets.
size_t PlacesFor(Aggregation aggregation, size_t buckets) {
  return aggregation == Aggregation::kExplicit
             ? buckets
             : buckets / ExponentialBuckets::kPerOctave + 1;
}

size_t BucketsFor(Aggregation aggregation) {
  return aggregation == Aggregation::kExplicit ? LatencyBounds().size() + 1
                                               : ExponentialBuckets::kCount + 1;
}

template <typename Better>
void Improve(size_t cell, std::atomic<double>& best, double value,
             Better better) {
  double old = best.load(std::memory_order_relaxed);
  if (cell != kSharedCell) {
    if (better(value, old)) best.store(value, std::memory_order_relaxed);
    return;
  }
  while (better(value, old) &&
         !best.compare_exchange_weak(old, value, std::memory_order_relaxed)) {
  }
}

}  // namespace

// What some threads, or one, have recorded. Exponential: counts[0] is the count
// of zeros, and bucket i stands at i + 1.
struct alignas(64) Histogram::Cell {
  explicit Cell(size_t buckets) : counts(buckets) {}

  std::atomic<double> sum{0};
  std::atomic<double> min{std::numeric_limits<double>::infinity()};
  std::atomic<double> max{-std::numeric_limits<double>::infinity()};
  std::vector<std::atomic<uint64_t>> counts;
};

Histogram::Histogram(Aggregation aggregation, bool exemplars)
    : aggregation_(aggregation),
      keeps_exemplars_(exemplars),
      buckets_(BucketsFor(aggregation)),
      exemplars_(PlacesFor(aggregation, buckets_)) {}

Histogram::~Histogram() {
  for (std::atomic<Cell*>& cell : cells_) delete cell.load();
}

size_t Histogram::BucketOf(double value) const {
  if (aggregation_ == Aggregation::kExponential) {
    return static_cast<size_t>(ExponentialBuckets::IndexOf(value) + 1);
  }
  // Nearly all values are among the first: in order beats by halves.
  const absl::Span<const double> bounds = LatencyBounds();
  size_t bucket = 0;
  while (bucket < bounds.size() && value > bounds[bucket]) ++bucket;
  return bucket;
}

Histogram::Cell& Histogram::CellHere(size_t index) {
  Cell* cell = cells_[index].load(std::memory_order_acquire);
  if (cell != nullptr) return *cell;
  auto made = std::make_unique<Cell>(buckets_);
  // Only the shared cell may be made by two threads at once.
  if (cells_[index].compare_exchange_strong(cell, made.get(),
                                            std::memory_order_acq_rel)) {
    return *made.release();
  }
  return *cell;
}

size_t Histogram::Put(double value) {
  if (std::isnan(value)) return 0;
  const size_t index = CellOfThread();
  Cell& cell = CellHere(index);
  const size_t bucket = BucketOf(value);
  AddInCell(index, cell.counts[bucket], uint64_t{1});
  AddInCell(index, cell.sum, value);
  Improve(index, cell.min, value, std::less<double>());
  Improve(index, cell.max, value, std::greater<double>());
  return bucket;
}

void Histogram::Record(double value, const SpanContext& span, WallTime now) {
  const size_t bucket = Put(value);
  if (!keeps_exemplars_) return;
  const size_t place = aggregation_ == Aggregation::kExplicit
                           ? bucket
                           : bucket / ExponentialBuckets::kPerOctave;
  exemplars_.Offer(place, {value, now, span});
}

HistogramData Histogram::Read() const {
  HistogramData data;
  data.aggregation = aggregation_;
  data.counts.resize(buckets_);
  data.min = std::numeric_limits<double>::infinity();
  data.max = -data.min;
  for (const std::atomic<Cell*>& slot : cells_) {
    const Cell* cell = slot.load(std::memory_order_acquire);
    if (cell == nullptr) continue;
    for (size_t i = 0; i < buckets_; ++i) {
      data.counts[i] += cell->counts[i].load(std::memory_order_relaxed);
    }
    data.sum += cell->sum.load(std::memory_order_relaxed);
    data.min = std::min(data.min, cell->min.load(std::memory_order_relaxed));
    data.max = std::max(data.max, cell->max.load(std::memory_order_relaxed));
  }
  for (const uint64_t count : data.counts) data.count += count;
  if (data.max < data.min) data.min = data.max = 0;
  data.exemplars = exemplars_.Read();
  if (aggregation_ == Aggregation::kExplicit) {
    data.bounds = LatencyBounds();
    return data;
  }
  data.zero_count = data.counts.front();
  data.counts.erase(data.counts.begin());
  data.scale = ExponentialBuckets::kScale;
  data.offset = ExponentialBuckets::kFirst;
  return AtScale(std::move(data), ExponentialBuckets::kScale);
}

}  // namespace outrigger::telemetry
