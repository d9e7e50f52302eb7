#include "analyser/history/latencies.h"

#include <algorithm>
#include <cmath>

#include "telemetry/instruments/buckets.h"

namespace outrigger::analyser {
namespace {

using telemetry::Aggregation;
using telemetry::ExponentialBuckets;
using telemetry::LatencyBounds;

size_t BucketOf(double seconds) {
  const auto bounds = LatencyBounds();
  return static_cast<size_t>(
      std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin());
}

}  // namespace

void AddTo(CumulativeLatencies& sum, const telemetry::HistogramData& data) {
  sum.sum_s += data.sum;
  sum.counts[0] += data.zero_count;
  const bool exponential = data.aggregation == Aggregation::kExponential;
  for (size_t i = 0; i < data.counts.size(); ++i) {
    if (data.counts[i] == 0) continue;
    size_t bucket = i;
    if (exponential) {
      const int index = data.offset + static_cast<int>(i);
      bucket = BucketOf(
          std::sqrt(ExponentialBuckets::UpperBound(index - 1, data.scale) *
                    ExponentialBuckets::UpperBound(index, data.scale)));
    }
    sum.counts[std::min(bucket, CumulativeLatencies::kBuckets - 1)] +=
        data.counts[i];
  }
}

Latencies Between(const CumulativeLatencies& earlier,
                  const CumulativeLatencies& later) {
  Latencies between;
  for (size_t i = 0; i < Latencies::kBuckets; ++i) {
    const uint64_t before =
        earlier.counts[i] > later.counts[i] ? 0 : earlier.counts[i];
    between.counts[i] = static_cast<uint32_t>(later.counts[i] - before);
  }
  between.sum_s = std::max(0.0, later.sum_s - earlier.sum_s);
  return between;
}

Latencies Without(Latencies all, const Latencies& some) {
  for (size_t i = 0; i < Latencies::kBuckets; ++i) {
    all.counts[i] -= std::min(all.counts[i], some.counts[i]);
  }
  all.sum_s = std::max(0.0, all.sum_s - some.sum_s);
  return all;
}

double MeanSeconds(const Latencies& latencies) {
  const uint32_t count = latencies.count();
  return count == 0 ? 0 : latencies.sum_s / count;
}

double QuantileSeconds(const Latencies& latencies, double quantile) {
  const auto bounds = LatencyBounds();
  const double rank = quantile * latencies.count();
  double below = 0;
  for (size_t i = 0; i < Latencies::kBuckets; ++i) {
    const double here = latencies.counts[i];
    if (here > 0 && rank <= below + here) {
      if (i >= bounds.size()) return bounds.back();
      const double low = i == 0 ? 0 : bounds[i - 1];
      return low + (bounds[i] - low) * (rank - below) / here;
    }
    below += here;
  }
  return 0;
}

}  // namespace outrigger::analyser
