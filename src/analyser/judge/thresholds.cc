#include "analyser/judge/thresholds.h"

#include <algorithm>
#include <utility>

#include "analyser/judge/court.h"

namespace outrigger::analyser {

// True: it is bad.
bool Court::One(const Scale& scale, std::optional<double> value,
                Evidence evidence) {
  judgement_.checks.push_back(
      {scale.kind.name, value, scale.threshold, scale.unit, std::nullopt});
  if (!value.has_value()) return false;
  auto verdict = Weigh(scale, "", *value, Start(std::move(evidence)));
  if (!verdict.has_value()) return false;
  judgement_.verdicts.push_back(*std::move(verdict));
  return judgement_.verdicts.back().bad;
}

void Court::Many(const Scale& scale, std::vector<Subject> subjects) {
  std::sort(subjects.begin(), subjects.end(),
            [&](const Subject& a, const Subject& b) {
              if (a.value == b.value) return a.name < b.name;
              return scale.small_is_bad ? a.value < b.value : a.value > b.value;
            });
  const auto worst = subjects.empty()
                         ? std::nullopt
                         : std::optional<double>(subjects.front().value);
  judgement_.checks.push_back(
      {scale.kind.name, worst, scale.threshold, scale.unit, std::nullopt});
  const size_t count = std::min(subjects.size(), kMostOfAKind);
  for (size_t i = 0; i < count; ++i) {
    Subject& each = subjects[i];
    auto verdict =
        Weigh(scale, each.name, each.value, Start(std::move(each.evidence)));
    if (!verdict.has_value()) return;  // all others are better
    judgement_.verdicts.push_back(*std::move(verdict));
  }
}

// One slowness is one finding: the mean says more than the p95, and that more
// than the p99.
void Court::Responses() {
  const Latencies own = seen_.OwnWorkOfAll().latencies;
  const double count = own.count();
  // A quantile wants some calls beyond it.
  const bool enough = Enough(count);
  const bool enough_for_p99 = Enough(count / 5);
  const double mean = MeanSeconds(own);
  const double p95 = QuantileSeconds(own, 0.95);
  const double p99 = QuantileSeconds(own, 0.99);
  const Evidence evidence = {
      {"calls", count}, {"mean_s", mean}, {"p95_s", p95}, {"p99_s", p99}};
  const auto judge = [&](const Kind& kind, Duration threshold, bool known,
                         double value, bool told) {
    const Scale scale{.kind = kind,
                      .unit = "s",
                      .threshold = ToSeconds(threshold),
                      .severe = 5 * ToSeconds(threshold)};
    const size_t before = judgement_.verdicts.size();
    const bool bad =
        One(scale, known ? std::optional(value) : std::nullopt, evidence);
    if (told) judgement_.verdicts.resize(before);
    return bad || told;
  };
  bool told =
      judge(kSlowResponses, options_.response_time, enough, mean, false);
  told =
      judge(kSlowResponsesP95, options_.response_time_p95, enough, p95, told);
  judge(kSlowResponsesP99, options_.response_time_p99, enough_for_p99, p99,
        told);
}

void Court::Errors() {
  const OperationSums sums = seen_.methods().Window(seen_.step());
  const double calls = sums.latencies.count();
  const auto rate =
      Enough(calls) ? std::optional(sums.errors / calls) : std::nullopt;
  One({.kind = kErrorRate,
       .threshold = options_.error_rate,
       .severe = 4 * options_.error_rate},
      rate, {{"calls", calls}, {"errors", sums.errors}});
}

void Court::Redis() {
  const OperationSums sums = seen_.redis().Window(seen_.step());
  const double commands = sums.latencies.count();
  const bool enough = Enough(commands);
  const double p95 = QuantileSeconds(sums.latencies, 0.95);
  One({.kind = kRedisLatency,
       .unit = "s",
       .threshold = ToSeconds(options_.redis_latency),
       .severe = 10 * ToSeconds(options_.redis_latency)},
      enough ? std::optional(p95) : std::nullopt,
      {{"commands", commands},
       {"mean_s", MeanSeconds(sums.latencies)},
       {"p99_s", QuantileSeconds(sums.latencies, 0.99)}});
  One({.kind = kRedisErrors, .threshold = options_.redis_error_rate},
      enough ? std::optional(sums.errors / commands) : std::nullopt,
      {{"commands", commands}, {"errors", sums.errors}});
}

void Court::Machine() {
  // A few periods say nothing; there are ten a second.
  const auto throttled = ShareSums{whole_.throttled_periods,
                                   whole_.periods >= 20 ? whole_.periods : 0}
                             .share();
  One({.kind = kThrottledCpu,
       .threshold = options_.throttled_cpu,
       .severe = 0.5},
      throttled,
      {{"periods", whole_.periods},
       {"throttled_periods", whole_.throttled_periods}});
  One({.kind = kMemory, .threshold = options_.memory, .severe = 0.98},
      seen_.memory_share());
}

// Against at least half a window, so that a start without the store is not yet
// a state.
void Court::Degraded() {
  const double over = std::max(whole_.seconds, ToSeconds(options_.window) / 2);
  One({.kind = kDegradedMode, .threshold = options_.degraded, .severe = 0.9},
      std::min(1.0, whole_.degraded_s / over),
      {{"degraded_s", whole_.degraded_s}});
  One({.kind = kCacheUnverified, .threshold = options_.degraded},
      seen_.has_cache()
          ? std::optional(std::min(1.0, whole_.unverified_s / over))
          : std::nullopt,
      {{"unverified_s", whole_.unverified_s}});
}

void Court::Dropped() {
  One({.kind = kTelemetryDropped,
       .unit = "{item}",
       .threshold = static_cast<double>(options_.telemetry_dropped)},
      whole_.telemetry_dropped);
}

Judgement JudgeThresholds(const Seen& seen, const Options& options) {
  return Court(seen, options).Judge();
}

}  // namespace outrigger::analyser
