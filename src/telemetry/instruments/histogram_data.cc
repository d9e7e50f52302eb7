#include <algorithm>
#include <cmath>
#include <utility>

#include "telemetry/instruments/histogram.h"

namespace outrigger::telemetry {
namespace {

// Drops empty buckets at both ends.
void Trim(HistogramData& data) {
  const auto filled = [](uint64_t count) { return count > 0; };
  const auto last =
      std::find_if(data.counts.rbegin(), data.counts.rend(), filled);
  data.counts.erase(last.base(), data.counts.end());
  const auto first =
      std::find_if(data.counts.begin(), data.counts.end(), filled);
  data.offset += static_cast<int>(first - data.counts.begin());
  data.counts.erase(data.counts.begin(), first);
  if (data.counts.empty()) data.offset = 0;
}

void Halve(HistogramData& data) {
  std::vector<uint64_t> merged;
  const int first = data.offset >> 1;  // rounds down, also below zero
  for (size_t i = 0; i < data.counts.size(); ++i) {
    const int index = (data.offset + static_cast<int>(i)) >> 1;
    const auto at = static_cast<size_t>(index - first);
    if (merged.size() <= at) merged.resize(at + 1);
    merged[at] += data.counts[i];
  }
  data.counts = std::move(merged);
  data.offset = first;
  --data.scale;
}

// The bounds of bucket `i`, counted from 0.
std::pair<double, double> BoundsOf(const HistogramData& data, size_t i) {
  if (data.aggregation == Aggregation::kExponential) {
    const int index = data.offset + static_cast<int>(i);
    return {ExponentialBuckets::UpperBound(index - 1, data.scale),
            ExponentialBuckets::UpperBound(index, data.scale)};
  }
  const double low = i == 0 ? 0 : data.bounds[i - 1];
  if (i < data.bounds.size()) return {low, data.bounds[i]};
  return {low, std::max(low, data.max)};
}

}  // namespace

HistogramData AtScale(HistogramData data, int scale) {
  Trim(data);
  while (data.scale > scale ||
         data.counts.size() > HistogramData::kMaxBuckets) {
    Halve(data);
  }
  return data;
}

HistogramData Difference(const HistogramData& later,
                         const HistogramData& earlier) {
  HistogramData difference = later;
  HistogramData past = earlier;
  if (later.aggregation == Aggregation::kExponential) {
    const int scale = std::min(later.scale, earlier.scale);
    difference = AtScale(std::move(difference), scale);
    past = AtScale(std::move(past), scale);
  }
  const int shift = past.offset - difference.offset;
  for (size_t i = 0; i < past.counts.size(); ++i) {
    const auto at = static_cast<size_t>(static_cast<int>(i) + shift);
    if (past.counts[i] > 0) difference.counts[at] -= past.counts[i];
  }
  difference.zero_count -= past.zero_count;
  difference.count -= past.count;
  difference.sum -= past.sum;
  difference.min = 0;
  difference.max = later.max;  // an upper bound, for Quantile
  difference.exemplars.clear();
  if (later.aggregation == Aggregation::kExponential) Trim(difference);
  return difference;
}

double HistogramData::Quantile(double quantile) const {
  if (count == 0) return 0;
  const double rank = quantile * static_cast<double>(count);
  double below = static_cast<double>(zero_count);
  if (rank <= below) return 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    const auto here = static_cast<double>(counts[i]);
    if (here > 0 && rank <= below + here) {
      const auto [low, high] = BoundsOf(*this, i);
      return low + (high - low) * (rank - below) / here;
    }
    below += here;
  }
  return max;
}

}  // namespace outrigger::telemetry
