#include "analyser/judge/scale.h"

namespace outrigger::analyser {
namespace {

constexpr double kNear = 0.9;

bool IsBad(const Scale& scale, double value) {
  return scale.small_is_bad ? value < scale.threshold : value > scale.threshold;
}

bool IsNear(const Scale& scale, double value) {
  if (!scale.small_is_bad) return value > kNear * scale.threshold;
  return value < scale.threshold + (1 - kNear) * (1 - scale.threshold);
}

Severity Next(Severity severity) {
  return severity == Severity::kInfo ? Severity::kWarning : Severity::kCritical;
}

}  // namespace

std::optional<Verdict> Weigh(const Scale& scale, absl::string_view subject,
                             double value, Evidence evidence) {
  if (!IsNear(scale, value) && !IsBad(scale, value)) return std::nullopt;
  const bool severe = !scale.small_is_bad && value >= scale.severe;
  Verdict verdict;
  verdict.bad = IsBad(scale, value);
  verdict.finding = Describe(scale.kind, subject,
                             severe ? Next(scale.severity) : scale.severity);
  evidence.emplace_back("value", value);
  evidence.emplace_back("threshold", scale.threshold);
  verdict.finding.evidence = std::move(evidence);
  return verdict;
}

}  // namespace outrigger::analyser
