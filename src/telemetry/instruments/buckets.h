// How histograms divide their values: explicit bounds, or powers of two's
// roots.
#ifndef OUTRIGGER_TELEMETRY_INSTRUMENTS_BUCKETS_H_
#define OUTRIGGER_TELEMETRY_INSTRUMENTS_BUCKETS_H_

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"

namespace outrigger::telemetry {

enum class Aggregation : uint8_t { kExplicit, kExponential };

// Upper bounds in seconds, each inclusive, from 5 µs to 10 s: a decision in the
// pod takes microseconds, which OpenTelemetry's default bounds cannot tell
// apart. Live for ever.
absl::Span<const double> LatencyBounds();

// Base-2 exponential buckets of OpenTelemetry's data model ("Metrics data
// model", ExponentialHistogram) at a fixed scale: bucket i holds values in
// (2^(i/8), 2^((i+1)/8)], so a value is known to 4.5 %. Values at or below
// kSmallest count as zero; those above kLargest fall into the last bucket.
struct ExponentialBuckets {
  static constexpr int kScale = 3;
  static constexpr int kPerOctave = 1 << kScale;
  static constexpr int kFirstOctave = -30;  // 2^-30 s is about a nanosecond
  static constexpr int kLastOctave = 12;    // 2^12 s is about 68 minutes
  static constexpr int kFirst = kFirstOctave * kPerOctave;
  static constexpr size_t kCount =
      static_cast<size_t>(kLastOctave - kFirstOctave) * kPerOctave;

  // Bucket of `value`, from 0: index i of the data model is kFirst + i. -1 if
  // it counts as zero (also NaN and negative values).
  static int IndexOf(double value);
  // Upper bound, inclusive, of the data model's bucket `index` at `scale`.
  static double UpperBound(int index, int scale);
};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_INSTRUMENTS_BUCKETS_H_
