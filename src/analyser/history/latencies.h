// How latencies are spread, small enough to keep many.
#ifndef OUTRIGGER_ANALYSER_HISTORY_LATENCIES_H_
#define OUTRIGGER_ANALYSER_HISTORY_LATENCIES_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "telemetry/instruments/histogram.h"

namespace outrigger::analyser {

// Counts between the bounds of telemetry::LatencyBounds(), whatever the
// histogram's own buckets are: exponential ones are put where their middle is.
template <typename Count>
struct Spread {
  static constexpr size_t kBuckets = 21;

  std::array<Count, kBuckets> counts{};
  double sum_s = 0;

  Count count() const {
    Count all = 0;
    for (const Count each : counts) all += each;
    return all;
  }
  Spread& operator+=(const Spread& other) {
    for (size_t i = 0; i < kBuckets; ++i) counts[i] += other.counts[i];
    sum_s += other.sum_s;
    return *this;
  }
};

// Since the process started.
using CumulativeLatencies = Spread<uint64_t>;
// Of a time.
using Latencies = Spread<uint32_t>;

void AddTo(CumulativeLatencies& sum, const telemetry::HistogramData& data);

// What is in `later` and not in `earlier`. A histogram that shrank began anew.
Latencies Between(const CumulativeLatencies& earlier,
                  const CumulativeLatencies& later);

// `all` without `some`, bucket by bucket; at least nothing.
Latencies Without(Latencies all, const Latencies& some);

// All of these are 0 if there are no records.
double MeanSeconds(const Latencies& latencies);
// Interpolated within a bucket; the last bound if it is above.
double QuantileSeconds(const Latencies& latencies, double quantile);

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_HISTORY_LATENCIES_H_
