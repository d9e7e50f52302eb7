#include "analyser/judge/kinds.h"

#include "absl/strings/substitute.h"

namespace outrigger::analyser {

const std::vector<const Kind*>& AllKinds() {
  static const auto* const all = new std::vector<const Kind*>{
      &kSlowResponses,   &kSlowResponsesP95, &kSlowResponsesP99,
      &kErrorRate,       &kCacheHitRate,     &kPoolUtilization,
      &kBreakerFlapping, &kRedisLatency,     &kRedisErrors,
      &kThrottledCpu,    &kMemory,           &kDegradedMode,
      &kCacheUnverified, &kLimitDenied,      &kTelemetryDropped,
      &kSlowOperation,   &kAnomaly};
  return *all;
}

Finding Describe(const Kind& kind, absl::string_view subject,
                 Severity severity) {
  Finding finding;
  finding.kind = kind.name;
  finding.subject = std::string(subject);
  finding.severity = severity;
  finding.title = absl::Substitute(kind.title, subject);
  finding.likely_cause = kind.likely_cause;
  finding.advice = kind.advice;
  return finding;
}

}  // namespace outrigger::analyser
