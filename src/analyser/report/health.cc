#include <algorithm>

#include "analyser/report.h"
#include "analyser/report/write.h"

namespace outrigger::analyser {
namespace {

constexpr int kCriticalCost = 35;
constexpr int kWarningCost = 15;
constexpr int kInfoCost = 3;
constexpr int kMostInfos = 3;

int Count(const std::vector<Finding>& findings, Severity severity) {
  return static_cast<int>(std::count_if(
      findings.begin(), findings.end(),
      [severity](const Finding& each) { return each.severity == severity; }));
}

const char* StatusOf(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "healthy";
    case Severity::kWarning:
      return "degraded";
    case Severity::kCritical:
      return "unhealthy";
  }
  return "unhealthy";
}

const char* StatusOf(const Check& check) {
  if (check.severity.has_value()) return StatusOf(*check.severity);
  return check.value.has_value() ? "healthy" : "no_data";
}

void WriteFinding(const Finding& finding, JsonWriter& json) {
  json.BeginObject()
      .Field("id", finding.id())
      .Field("kind", finding.kind)
      .Field("subject", finding.subject)
      .Field("severity", NameOf(finding.severity))
      .Field("title", finding.title)
      .BeginObject("evidence");
  for (const auto& [name, value] : finding.evidence) json.Field(name, value);
  json.EndObject()
      .Field("likely_cause", finding.likely_cause)
      .Field("advice", finding.advice)
      .Field("since", UnixSeconds(finding.since))
      .EndObject();
}

}  // namespace

int Health::score() const {
  const int cost =
      kCriticalCost * Count(findings, Severity::kCritical) +
      kWarningCost * Count(findings, Severity::kWarning) +
      kInfoCost * std::min(kMostInfos, Count(findings, Severity::kInfo));
  return std::max(0, 100 - cost);
}

char Health::grade() const {
  const int points = score();
  if (points >= 90) return 'A';
  if (points >= 80) return 'B';
  if (points >= 70) return 'C';
  return points >= 60 ? 'D' : 'F';
}

const char* Health::status() const {
  Severity worst = Severity::kInfo;
  for (const Finding& each : findings) worst = std::max(worst, each.severity);
  return StatusOf(worst);
}

void WriteFindings(const Health& health, JsonWriter& json) {
  json.BeginArray("findings");
  for (const Finding& each : health.findings) WriteFinding(each, json);
  json.EndArray();
}

std::string WriteHealth(const Health& health) {
  JsonWriter json;
  json.BeginObject()
      .Field("grade", std::string(1, health.grade()))
      .Field("score", health.score())
      .Field("status", health.status())
      .Field("window_s", ToSeconds(health.window))
      .BeginArray("checks");
  for (const Check& check : health.checks) {
    json.BeginObject()
        .Field("name", check.name)
        .Field("status", StatusOf(check));
    WriteKnown("value", check.value, json);
    json.Field("threshold", check.threshold)
        .Field("unit", check.unit)
        .EndObject();
  }
  json.EndArray();
  WriteFindings(health, json);
  json.Field("generated_at", UnixSeconds(health.generated_at)).EndObject();
  return std::move(json).Take();
}

}  // namespace outrigger::analyser
