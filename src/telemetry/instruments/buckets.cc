#include "telemetry/instruments/buckets.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace outrigger::telemetry {
namespace {

constexpr double kLatencyBounds[] = {
    0.000005, 0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005,
    0.001,    0.0025,  0.005,    0.01,    0.025,  0.05,    0.1,
    0.25,     0.5,     1,        2.5,     5,      10};

constexpr int kPerOctave = ExponentialBuckets::kPerOctave;

// 2^(k/8) for k = 0 … 8: where an octave is divided.
constexpr double kDivisions[kPerOctave + 1] = {1,
                                               1.0905077326652577,
                                               1.189207115002721,
                                               1.2968395546510096,
                                               1.4142135623730951,
                                               1.5422108254079407,
                                               1.681792830507429,
                                               1.8340080864093424,
                                               2};

}  // namespace

absl::Span<const double> LatencyBounds() { return kLatencyBounds; }

int ExponentialBuckets::IndexOf(double value) {
  if (!(value > 0)) return -1;
  const uint64_t bits = std::bit_cast<uint64_t>(value);
  int octave = static_cast<int>(bits >> 52) - 1023;
  if (octave < kFirstOctave) return -1;
  if (octave >= kLastOctave) return static_cast<int>(kCount) - 1;
  // The mantissa in [1, 2). Its top bits give a division at or below the right
  // one, since log2(m) >= m - 1 there.
  const double mantissa =
      std::bit_cast<double>((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);
  int k = static_cast<int>((bits >> (52 - kScale)) & (kPerOctave - 1));
  while (mantissa > kDivisions[k + 1]) ++k;
  int index = (octave - kFirstOctave) * kPerOctave + k;
  if (mantissa <= kDivisions[k]) --index;  // bounds belong below
  return std::max(index, -1);
}

double ExponentialBuckets::UpperBound(int index, int scale) {
  return std::exp2(std::ldexp(static_cast<double>(index) + 1, -scale));
}

}  // namespace outrigger::telemetry
