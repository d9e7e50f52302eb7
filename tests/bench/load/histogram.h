// Counts of latencies in buckets whose width grows with the latency, so that
// any percentile is known to within 0.8%.
#ifndef OUTRIGGER_BENCH_LOAD_HISTOGRAM_H_
#define OUTRIGGER_BENCH_LOAD_HISTOGRAM_H_

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace outrigger::bench {

// Log-linear, after HdrHistogram: 128 buckets for each power of two. A value of
// any int64; negative ones count as 0. Not thread-safe.
class Histogram {
 public:
  void Add(int64_t nanos) {
    const uint64_t value = static_cast<uint64_t>(std::max<int64_t>(nanos, 0));
    ++counts_[Index(value)];
    ++total_;
    max_ = std::max(max_, value);
  }

  uint64_t total() const { return total_; }
  uint64_t max_nanos() const { return max_; }

  // The latency that `share` (0 to 1) of the values do not exceed, as the upper
  // edge of its bucket. 0 if there are no values.
  uint64_t PercentileNanos(double share) const {
    const uint64_t wanted =
        std::max<uint64_t>(1, static_cast<uint64_t>(share * total_ + 0.5));
    uint64_t seen = 0;
    for (size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen >= wanted && total_ > 0) return std::min(UpperEdge(i), max_);
    }
    return 0;
  }

 private:
  static constexpr int kBits = 7;
  static constexpr uint64_t kPerOctave = 1 << kBits;

  // Values below kPerOctave have a bucket each; above, the top kBits + 1 bits
  // of a value name its bucket.
  static size_t Index(uint64_t value) {
    if (value < kPerOctave) return value;
    const int shift = std::bit_width(value) - 1 - kBits;
    return shift * kPerOctave + (value >> shift);
  }
  static uint64_t UpperEdge(size_t index) {
    if (index < 2 * kPerOctave) return index;
    const int shift = static_cast<int>(index / kPerOctave) - 1;
    const uint64_t top = index - shift * kPerOctave;
    return ((top + 1) << shift) - 1;
  }

  std::vector<uint64_t> counts_ =
      std::vector<uint64_t>((64 - kBits + 1) * kPerOctave);
  uint64_t total_ = 0;
  uint64_t max_ = 0;
};

}  // namespace outrigger::bench

#endif  // OUTRIGGER_BENCH_LOAD_HISTOGRAM_H_
