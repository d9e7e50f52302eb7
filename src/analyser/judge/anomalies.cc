#include "analyser/judge/anomalies.h"

#include <algorithm>
#include <cmath>

#include "analyser/judge/kinds.h"

namespace outrigger::analyser {
namespace {

struct Signal {
  const char* name;  // as in report.h's totals
  const char* title;
  // A deviation is counted as at least this, and as at least a tenth of the
  // median: what hardly ever moves must not be unusual as soon as it does.
  double least_deviation;
  bool low_is_unusual;
  // Of what is twice as far away as is unusual; else info.
  Severity far_away;
};

constexpr double kLeastShareOfMedian = 0.1;
// From this share of the distance on, a value is near.
constexpr double kNear = 0.8;

constexpr Signal kSignals[Anomalies::kSignals] = {
    {"rpc_rate", "The number of calls", 5, true, Severity::kInfo},
    {"rpc_error_rate", "The share of calls that fail", 0.005, false,
     Severity::kWarning},
    {"rpc_p95_s", "The calls' 95th percentile", 0.0005, false,
     Severity::kWarning},
    {"denied_share", "The share of denials", 0.03, false, Severity::kInfo},
    {"redis_p95_s", "Redis' 95th percentile", 0.0005, false,
     Severity::kWarning},
    {"cpu_cores", "The processor time in use", 0.03, false, Severity::kInfo}};

using Values = std::array<std::optional<double>, Anomalies::kSignals>;

// In the order of kSignals; unset: too little to tell.
Values Measure(const Seen& seen, const Options& options) {
  Values values;
  const WholeSums& whole = seen.Window();
  const auto enough = [&](double count) {
    return count > 0 && count >= static_cast<double>(options.minimum_calls);
  };
  if (whole.seconds <= 0) return values;
  const OperationSums calls = seen.methods().Window(seen.step());
  const double count = calls.latencies.count();
  if (enough(count)) {
    values[0] = count / whole.seconds;
    values[1] = calls.errors / count;
    values[2] = QuantileSeconds(seen.OwnWorkOfAll().latencies, 0.95);
    values[5] = whole.cpu_s / whole.seconds;
  }
  const Decisions decisions =
      seen.limits().all().Over(static_cast<size_t>(ToSeconds(options.window)));
  if (enough(decisions.all())) {
    values[3] = decisions.denied / decisions.all();
  }
  const Latencies redis = seen.redis().Window(seen.step()).latencies;
  if (enough(redis.count())) values[4] = QuantileSeconds(redis, 0.95);
  return values;
}

std::optional<Verdict> Compare(const Signal& signal, double value,
                               const Baseline::Usual& usual,
                               const Options& options) {
  const double deviation =
      std::max({usual.deviation, kLeastShareOfMedian * std::abs(usual.median),
                signal.least_deviation});
  const double away = (value - usual.median) / deviation;
  const double unusual =
      std::abs(away) * (away < 0 && !signal.low_is_unusual ? 0 : 1);
  if (unusual < kNear * options.anomaly_deviations) return std::nullopt;
  const bool far_away = unusual >= 2 * options.anomaly_deviations;
  Verdict verdict;
  verdict.bad = unusual > options.anomaly_deviations;
  verdict.finding = Describe(kAnomaly, signal.title,
                             far_away ? signal.far_away : Severity::kInfo);
  verdict.finding.subject = signal.name;
  verdict.finding.evidence = {{"window_s", ToSeconds(options.window)},
                              {"value", value},
                              {"usual", usual.median},
                              {"deviation", deviation},
                              {"deviations_away", away},
                              {"threshold", options.anomaly_deviations}};
  return verdict;
}

}  // namespace

std::vector<Verdict> Anomalies::Judge(const Seen& seen,
                                      const Options& options) {
  std::vector<Verdict> verdicts;
  const Values values = Measure(seen, options);
  const WallTime now = seen.step().wall;
  for (size_t i = 0; i < values.size(); ++i) {
    auto& [minute, baseline] = learnt_[i];
    minute.Add(now, values[i],
               [&baseline = baseline](WallTime at, double mean) {
                 baseline.Add(at, mean);
               });
    const auto& usual = baseline.UsualAt(now);
    if (!values[i].has_value() || !usual.has_value()) continue;
    auto verdict = Compare(analyser::kSignals[i], *values[i], *usual, options);
    if (verdict.has_value()) verdicts.push_back(*std::move(verdict));
  }
  return verdicts;
}

}  // namespace outrigger::analyser
