// The breakers' metrics. "By breaker" is its configured name; a method is never
// a label.
#ifndef OUTRIGGER_TELEMETRY_BREAKER_METRICS_H_
#define OUTRIGGER_TELEMETRY_BREAKER_METRICS_H_

#include "telemetry/metrics.h"

namespace outrigger::telemetry {

inline constexpr MetricInfo kBreakerState{
    "outrigger.breaker.state", "{breaker}", MetricKind::kUpDownCounter,
    "1 for the state that the breaker is in, 0 for the others, by breaker and "
    "state (closed, open, half_open, forced_open, forced_closed, "
    "metrics_only). With methods of its own: the worst of them."};
inline constexpr MetricInfo kBreakerTransitions{
    "outrigger.breaker.transitions", "{transition}", MetricKind::kCounter,
    "Changes of state, by breaker, state (the new one) and scope (fleet; pod: "
    "only this one)."};
inline constexpr MetricInfo kBreakerPermits{
    "outrigger.breaker.permits", "{call}", MetricKind::kCounter,
    "Calls that were allowed, by breaker."};
inline constexpr MetricInfo kBreakerRejected{
    "outrigger.breaker.rejected", "{call}", MetricKind::kCounter,
    "Calls that were not, by breaker."};
inline constexpr MetricInfo kBreakerWouldReject{
    "outrigger.breaker.would_reject", "{call}", MetricKind::kCounter,
    "Calls that were allowed only because of metrics_only, by breaker."};
inline constexpr MetricInfo kBreakerOutcomes{
    "outrigger.breaker.outcomes", "{call}", MetricKind::kCounter,
    "Calls reported, by breaker and result (success, failure, ignored, slow: "
    "counted as success or failure, too; dropped: late, doubled or of an older "
    "generation)."};
inline constexpr MetricInfo kBreakerProbes{
    "outrigger.breaker.probes", "{probe}", MetricKind::kCounter,
    "Probes of this pod, by breaker and result (sent, succeeded, failed, "
    "returned, expired)."};
inline constexpr MetricInfo kBreakerAdmitRatio{
    "outrigger.breaker.admit_ratio", "1", MetricKind::kGauge,
    "Share of calls that may pass, by breaker; the lowest of its methods'."};
inline constexpr MetricInfo kBreakerDegraded{
    "outrigger.breaker.degraded", "1", MetricKind::kGauge,
    "1: breakers are decided without the fleet, whose store is out of reach."};
inline constexpr MetricInfo kBreakerWaiting{
    "outrigger.breaker.waiting", "{call}", MetricKind::kUpDownCounter,
    "Acquires that wait for the store."};
inline constexpr MetricInfo kBreakerWatches{
    "outrigger.breaker.watches", "{watch}", MetricKind::kUpDownCounter,
    "Watches that are open."};
inline constexpr MetricInfo kBreakerMethods{
    "outrigger.breaker.methods", "{method}", MetricKind::kUpDownCounter,
    "Methods with a breaker of their own, by breaker."};
inline constexpr MetricInfo kBreakerRefused{
    "outrigger.breaker.refused", "{call}", MetricKind::kCounter,
    "Calls refused, and events dropped, because a bound was reached, by bound "
    "(parked, watches, watch_events), and calls whose method shares a breaker "
    "(methods)."};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_BREAKER_METRICS_H_
