#include "analyser/analyser.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analyser/judge/thresholds.h"
#include "telemetry/metrics.h"

namespace outrigger::analyser {
namespace {

// A step that is shorter says nothing of rates.
constexpr double kShortestStep = 0.2;

// The fields of a finding's log events.
std::vector<std::pair<absl::string_view, std::string>> FieldsOf(
    const Finding& finding) {
  std::vector<std::pair<absl::string_view, std::string>> fields = {
      {"finding", finding.id()}, {"severity", NameOf(finding.severity)}};
  for (const auto& [name, value] : finding.evidence) {
    fields.emplace_back(name, absl::StrCat(value));
  }
  return fields;
}

// A check is as bad as the findings of its kind.
void RateChecks(const std::vector<Finding>& findings,
                std::vector<Check>& checks) {
  for (Check& check : checks) {
    for (const Finding& finding : findings) {
      if (absl::string_view(finding.kind) != check.name) continue;
      check.severity =
          std::max(check.severity.value_or(finding.severity), finding.severity);
    }
  }
}

}  // namespace

Analyser::Analyser(const Options& options, Program program, const Clock& clock,
                   telemetry::Registry& registry)
    : program_(std::move(program)), log_("analyser", clock), options_(options) {
  for (size_t i = 0; i < kSeverities; ++i) {
    raised_[i] =
        &registry.GetCounter(telemetry::kAnalyserRaised,
                             {{"severity", NameOf(static_cast<Severity>(i))}});
  }
  observation_ = registry.Observe(
      [this](telemetry::Observations& seen) { Observe(seen); });
}

std::optional<Step> Analyser::NextStep(MonotonicTime now, WallTime wall) const {
  Step step;
  step.now = now;
  step.wall = wall;
  step.first = !last_.has_value();
  if (last_.has_value()) {
    step.seconds = ToSeconds(now - *last_);
    if (step.seconds < kShortestStep) return std::nullopt;
    step.points = static_cast<int>(
        std::clamp(std::round(step.seconds), 1.0, double{Seen::kPoints}));
  }
  const Duration slot = options_.window / kWindowSlots;
  step.slot = now.time_since_epoch() / slot;
  return step;
}

void Analyser::Look(MonotonicTime now, WallTime wall,
                    const telemetry::Snapshot& snapshot) {
  Findings::Changes changes;
  {
    absl::MutexLock lock(&mutex_);
    const auto step = NextStep(now, wall);
    if (!step.has_value()) return;
    last_ = now;
    seen_.Update(snapshot, *step, options_.minimum_calls);
    Judgement judgement = JudgeThresholds(seen_, options_);
    std::vector<Verdict> unusual = anomalies_.Judge(seen_, options_);
    judgement.verdicts.insert(judgement.verdicts.end(),
                              std::make_move_iterator(unusual.begin()),
                              std::make_move_iterator(unusual.end()));
    changes = findings_.Step(std::move(judgement.verdicts), wall,
                             options_.raise_after, options_.clear_after);
    health_.window = options_.window;
    health_.generated_at = wall;
    health_.checks = std::move(judgement.checks);
    health_.findings = findings_.Current();
    RateChecks(health_.findings, health_.checks);
  }
  Tell(changes);
}

void Analyser::Tell(const Findings::Changes& changes) {
  for (const Finding& finding : changes.raised) {
    raised_[static_cast<size_t>(finding.severity)]->Add();
    if (finding.severity == Severity::kInfo) {
      log_.Info(finding.title, FieldsOf(finding));
    } else {
      log_.Warning(finding.title, FieldsOf(finding));
    }
  }
  for (const Finding& finding : changes.cleared) {
    log_.Info(absl::StrCat("over: ", finding.title), FieldsOf(finding));
  }
}

void Analyser::Observe(telemetry::Observations& seen) const {
  absl::MutexLock lock(&mutex_);
  std::map<std::pair<absl::string_view, Severity>, double> counts;
  for (const Finding& finding : health_.findings) {
    ++counts[{finding.kind, finding.severity}];
  }
  for (const auto& [key, count] : counts) {
    seen.Add(
        telemetry::kAnalyserFindings,
        {{"finding", std::string(key.first)}, {"severity", NameOf(key.second)}},
        count);
  }
  const auto left_out = [&seen](const char* what, size_t count) {
    seen.Add(telemetry::kAnalyserLeftOut, {{"what", what}},
             static_cast<double>(count));
  };
  left_out("limits", seen_.limits().left_out());
  left_out("methods", seen_.methods().left_out());
  left_out("redis_commands", seen_.redis().left_out());
  left_out("findings", findings_.left_out());
}

void Analyser::SetOptions(const Options& options) {
  absl::MutexLock lock(&mutex_);
  options_ = options;
}

std::string Analyser::MetricsJson() const {
  absl::MutexLock lock(&mutex_);
  return WriteMetrics(program_, seen_, health_);
}

std::string Analyser::HealthJson() const {
  absl::MutexLock lock(&mutex_);
  return WriteHealth(health_);
}

std::vector<Finding> Analyser::CurrentFindings() const {
  absl::MutexLock lock(&mutex_);
  return health_.findings;
}

}  // namespace outrigger::analyser
