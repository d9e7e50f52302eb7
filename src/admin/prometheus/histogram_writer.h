// A histogram's lines: classic buckets, sum and count.
#ifndef OUTRIGGER_ADMIN_PROMETHEUS_HISTOGRAM_WRITER_H_
#define OUTRIGGER_ADMIN_PROMETHEUS_HISTOGRAM_WRITER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "telemetry/instruments/histogram.h"

namespace outrigger::admin {

// Exponential histograms have bounds at the powers of two from 2^-20 to 2^12 (a
// microsecond to an hour, in seconds), always all of them, so that series stay
// and can be added up; what lies below is in the first bucket, what lies above
// in +Inf. Not thread-safe.
class HistogramWriter {
 public:
  // With exemplars: OpenMetrics.
  explicit HistogramWriter(bool exemplars) : with_exemplars_(exemplars) {}

  // Appends the lines of one series to `out`. `labels` is without braces and
  // not empty. Counts are cumulative; the last bucket's is _count.
  void Append(absl::string_view family, absl::string_view labels,
              const telemetry::HistogramData& data, std::string& out);

  static constexpr int kFirstPower = -20;
  static constexpr int kLastPower = 12;

 private:
  // Bounds and counts (not yet cumulative) of the buckets, but for +Inf's.
  void Divide(const telemetry::HistogramData& data);
  void AppendExemplar(const telemetry::HistogramData& data, double above,
                      double up_to, std::string& out) const;

  const bool with_exemplars_;
  std::vector<double> bounds_;
  std::vector<std::string> bound_texts_;  // of bounds_
  std::vector<uint64_t> counts_;
  std::string prefix_;  // kept for its memory
};

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_PROMETHEUS_HISTOGRAM_WRITER_H_
