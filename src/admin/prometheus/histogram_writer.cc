#include "admin/prometheus/histogram_writer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "admin/prometheus/numbers.h"

namespace outrigger::admin {
namespace {

using telemetry::Aggregation;
using telemetry::Exemplar;
using telemetry::HistogramData;

constexpr int kPowers =
    HistogramWriter::kLastPower - HistogramWriter::kFirstPower + 1;

const std::vector<double>& PowersOfTwo() {
  static const auto* const powers = [] {
    auto* const made = new std::vector<double>;
    for (int power = HistogramWriter::kFirstPower;
         power <= HistogramWriter::kLastPower; ++power) {
      made->push_back(std::ldexp(1, power));
    }
    return made;
  }();
  return *powers;
}

std::vector<uint64_t> CountsByPower(const HistogramData& data) {
  // At scale 0 bucket i reaches up to 2^(i + 1).
  const HistogramData octaves = telemetry::AtScale(data, 0);
  std::vector<uint64_t> counts(kPowers);
  counts[0] = octaves.zero_count;
  for (size_t i = 0; i < octaves.counts.size(); ++i) {
    const int power = octaves.offset + static_cast<int>(i) + 1;
    if (power > HistogramWriter::kLastPower) continue;
    counts[std::max(power - HistogramWriter::kFirstPower, 0)] +=
        octaves.counts[i];
  }
  return counts;
}

}  // namespace

void HistogramWriter::Divide(const HistogramData& data) {
  const bool exponential = data.aggregation == Aggregation::kExponential;
  if (exponential) {
    counts_ = CountsByPower(data);
  } else {
    counts_.assign(data.counts.begin(), data.counts.end() - 1);
  }
  const absl::Span<const double> bounds =
      exponential ? absl::MakeConstSpan(PowersOfTwo()) : data.bounds;
  if (bounds == absl::MakeConstSpan(bounds_)) return;
  bounds_.assign(bounds.begin(), bounds.end());
  bound_texts_.clear();
  for (const double bound : bounds_) bound_texts_.push_back(BoundText(bound));
}

void HistogramWriter::Append(absl::string_view family, absl::string_view labels,
                             const HistogramData& data, std::string& out) {
  Divide(data);
  const bool exemplars = with_exemplars_ && !data.exemplars.empty();
  prefix_.clear();
  absl::StrAppend(&prefix_, family, "_bucket{", labels, ",le=\"");
  uint64_t cumulative = 0;
  double above = -std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < bounds_.size(); ++i) {
    cumulative += counts_[i];
    out += prefix_;
    out += bound_texts_[i];
    out += "\"} ";
    AppendNumber(cumulative, out);
    if (exemplars) AppendExemplar(data, above, bounds_[i], out);
    above = bounds_[i];
    out += '\n';
  }
  absl::StrAppend(&out, prefix_, "+Inf\"} ", data.count);
  if (exemplars) {
    AppendExemplar(data, above, std::numeric_limits<double>::infinity(), out);
  }
  absl::StrAppend(&out, "\n", family, "_sum{", labels, "} ");
  AppendNumber(data.sum, out);
  absl::StrAppend(&out, "\n", family, "_count{", labels, "} ", data.count,
                  "\n");
}

// The latest one within the bucket, if there is any.
void HistogramWriter::AppendExemplar(const HistogramData& data, double above,
                                     double up_to, std::string& out) const {
  const Exemplar* latest = nullptr;
  for (const Exemplar& one : data.exemplars) {
    if (one.value > above && one.value <= up_to &&
        (latest == nullptr || one.time > latest->time)) {
      latest = &one;
    }
  }
  if (latest == nullptr) return;
  absl::StrAppend(&out, " # {trace_id=\"", Hex(latest->span.trace_id),
                  "\",span_id=\"", telemetry::SpanIdHex(latest->span.span_id),
                  "\"} ");
  AppendNumber(latest->value, out);
  absl::StrAppendFormat(&out, " %.3f",
                        ToSeconds(std::chrono::duration_cast<Duration>(
                            latest->time.time_since_epoch())));
}

}  // namespace outrigger::admin
