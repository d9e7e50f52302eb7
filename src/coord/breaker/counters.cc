#include "coord/breaker/counters.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace outrigger::coord {
namespace {

using telemetry::Counter;
using telemetry::Registry;

Counter& Outcomes(Registry& registry, const std::string& breaker,
                  const char* result) {
  return registry.GetCounter(telemetry::kBreakerOutcomes,
                             {{"breaker", breaker}, {"result", result}});
}
Counter& Probes(Registry& registry, const std::string& breaker,
                const char* result) {
  return registry.GetCounter(telemetry::kBreakerProbes,
                             {{"breaker", breaker}, {"result", result}});
}

}  // namespace

absl::string_view BreakerStateName(BreakerState state) {
  switch (state) {
    case BreakerState::kClosed:
      return "closed";
    case BreakerState::kOpen:
      return "open";
    case BreakerState::kHalfOpen:
      return "half_open";
    case BreakerState::kForcedOpen:
      return "forced_open";
    case BreakerState::kForcedClosed:
      return "forced_closed";
    case BreakerState::kMetricsOnly:
      return "metrics_only";
  }
  return "";
}

BreakerCounters::BreakerCounters(std::string breaker, const Clock& clock,
                                 Registry& registry)
    : succeeded(Outcomes(registry, breaker, "success")),
      failed(Outcomes(registry, breaker, "failure")),
      ignored(Outcomes(registry, breaker, "ignored")),
      slow(Outcomes(registry, breaker, "slow")),
      dropped(Outcomes(registry, breaker, "dropped")),
      probes_sent(Probes(registry, breaker, "sent")),
      probes_succeeded(Probes(registry, breaker, "succeeded")),
      probes_failed(Probes(registry, breaker, "failed")),
      probes_returned(Probes(registry, breaker, "returned")),
      probes_expired(Probes(registry, breaker, "expired")),
      shared_methods(registry.GetCounter(telemetry::kBreakerRefused,
                                         {{"bound", "methods"}})),
      parked_full(registry.GetCounter(telemetry::kBreakerRefused,
                                      {{"bound", "parked"}})),
      breaker_(std::move(breaker)),
      registry_(registry),
      log_("breaker", clock) {}

void BreakerCounters::Note(const store::BreakerKey& key,
                           const BreakerEvent& event) {
  const std::string state(BreakerStateName(event.state));
  const std::string scope = event.fleet ? "fleet" : "pod";
  registry_
      .GetCounter(telemetry::kBreakerTransitions,
                  {{"breaker", breaker_}, {"state", state}, {"scope", scope}})
      .Add();
  // The name is in the message, too, so that one breaker's events do not hold
  // another's back.
  telemetry::LogFields fields = {
      {"breaker", key.name}, {"state", state}, {"scope", scope}};
  if (!key.method.empty()) fields.emplace_back("method", key.method);
  if (event.state != BreakerState::kOpen) {
    return log_.Info(absl::StrCat("breaker ", key.name, ": ", state), fields);
  }
  fields.emplace_back("why", event.why);
  fields.emplace_back("opened_by", event.by);
  fields.emplace_back("attempt", absl::StrCat(event.attempts));
  fields.emplace_back("wait_seconds", absl::StrCat(ToSeconds(event.wait)));
  log_.Warning(absl::StrCat("breaker ", key.name, " opened",
                            event.fleet ? "" : " for this pod alone"),
               fields);
}

void BreakerCounters::NoteDamage(const store::BreakerKey& key) {
  log_.Error("a breaker's record in the store is damaged, and taken for none",
             {{"breaker", key.name}, {"method", key.method}});
}

}  // namespace outrigger::coord
