#include "bench/load/recording.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace outrigger::bench {
namespace {

std::string LatencyJson(const Histogram& latency) {
  return absl::StrCat("{\"p50\":", latency.PercentileNanos(0.5),
                      ",\"p90\":", latency.PercentileNanos(0.9),
                      ",\"p99\":", latency.PercentileNanos(0.99),
                      ",\"p999\":", latency.PercentileNanos(0.999),
                      ",\"max\":", latency.max_nanos(), "}");
}

}  // namespace

void Recording::Tally::Add(const CallRecord& call) {
  ++calls;
  errors += call.failed ? 1 : 0;
  allowed += call.allowed;
  denied += call.denied;
  degraded += call.degraded;
  slowest = std::max(slowest, call.received - call.intended);
}

std::string Recording::Tally::ToJson() const {
  return absl::StrCat("\"calls\":", calls, ",\"errors\":", errors,
                      ",\"allowed\":", allowed, ",\"denied\":", denied,
                      ",\"degraded\":", degraded, ",\"slowest_ns\":", slowest);
}

Recording::Recording(const Options& options)
    : options_(options), targets_(options.targets) {
  double ends = 0;
  for (const double seconds : options.phase_seconds) {
    ends += seconds;
    phases_.emplace_back().ends = static_cast<int64_t>(ends * 1e9);
  }
}

Recording::Phase& Recording::PhaseAt(int64_t intended) {
  size_t i = 0;
  while (i + 1 < phases_.size() && intended >= phases_[i].ends) ++i;
  return phases_[i];
}

void Recording::Add(const CallRecord& call) {
  total_.Add(call);
  targets_[call.target].Add(call);
  Phase& phase = PhaseAt(call.intended);
  phase.tally.Add(call);
  phase.latency.Add(call.received - call.intended);
  phase.lag.Add(call.sent - call.intended);

  const int64_t bin = call.received / options_.bin_nanos;
  if (bins_.size() <= static_cast<size_t>(bin)) bins_.resize(bin + 1);
  bins_[bin].Add(call);
  if (options_.admissions && call.allowed > 0)
    admissions_[{call.sent / options_.bin_nanos, bin}] += call.allowed;

  response_bytes_ += call.response_bytes;
  if (first_sent_ < 0) first_sent_ = call.sent;
  first_sent_ = std::min(first_sent_, call.sent);
  last_received_ = std::max(last_received_, call.received);
}

std::string Recording::ToJson() const {
  std::vector<std::string> phases, bins, targets, errors, admissions;
  for (const Phase& phase : phases_)
    phases.push_back(
        absl::StrCat("{", phase.tally.ToJson(),
                     ",\"latency_ns\":", LatencyJson(phase.latency),
                     ",\"send_lag_ns\":", LatencyJson(phase.lag), "}"));
  for (const Tally& bin : bins_)
    bins.push_back(absl::StrCat("{", bin.ToJson(), "}"));
  for (const Tally& target : targets_)
    targets.push_back(absl::StrCat("{", target.ToJson(), "}"));
  for (const auto& [text, count] : errors_)
    errors.push_back(
        absl::StrCat("\"", absl::Utf8SafeCEscape(text), "\":", count));
  for (const auto& [when, count] : admissions_)
    admissions.push_back(
        absl::StrCat("[", when.first, ",", when.second, ",", count, "]"));
  return absl::StrCat(
      total_.ToJson(), ",\"phases\":[", absl::StrJoin(phases, ","),
      "],\"targets\":[", absl::StrJoin(targets, ","),
      "],\"bin_ns\":", options_.bin_nanos, ",\"bins\":[",
      absl::StrJoin(bins, ","), "],\"admissions\":[",
      absl::StrJoin(admissions, ","), "],\"error_texts\":{",
      absl::StrJoin(errors, ","), "},\"first_sent_ns\":", first_sent_,
      ",\"last_received_ns\":", last_received_, ",\"response_bytes\":",
      total_.calls == 0 ? 0 : response_bytes_ / total_.calls);
}

}  // namespace outrigger::bench
