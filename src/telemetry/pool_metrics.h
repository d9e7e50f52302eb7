// The pools' metrics. "By pool" is its configured name: the label
// db.client.connection.pool.name, as OpenTelemetry's conventions have it.
#ifndef OUTRIGGER_TELEMETRY_POOL_METRICS_H_
#define OUTRIGGER_TELEMETRY_POOL_METRICS_H_

#include "telemetry/metrics.h"

namespace outrigger::telemetry {

inline constexpr char kPoolNameLabel[] = "db.client.connection.pool.name";
inline constexpr char kPoolStateLabel[] = "db.client.connection.state";

inline constexpr MetricInfo kPoolLeases{
    "outrigger.pool.leases", "{lease}", MetricKind::kUpDownCounter,
    "Leases that applications of this pod hold, by pool."};
inline constexpr MetricInfo kPoolCount{
    "db.client.connection.count", "{connection}", MetricKind::kUpDownCounter,
    "This pod's slots, by pool and state (used, idle)."};
inline constexpr MetricInfo kPoolMax{
    "db.client.connection.max", "{connection}", MetricKind::kUpDownCounter,
    "The whole fleet's cap, overflow included, by pool."};
inline constexpr MetricInfo kPoolPending{
    "db.client.connection.pending_requests", "{request}",
    MetricKind::kUpDownCounter, "Callers that wait for a slot, by pool."};
inline constexpr MetricInfo kPoolTimeouts{
    "db.client.connection.timeouts", "{timeout}", MetricKind::kCounter,
    "Callers that got no slot in time, by pool."};
inline constexpr MetricInfo kPoolWaitTime{
    "db.client.connection.wait_time", "s", MetricKind::kHistogram,
    "How long callers waited for their slot, by pool."};
inline constexpr MetricInfo kPoolUseTime{"db.client.connection.use_time", "s",
                                         MetricKind::kHistogram,
                                         "How long leases were held, by pool."};
inline constexpr MetricInfo kPoolFleetSlots{
    "outrigger.pool.fleet.slots", "{connection}", MetricKind::kUpDownCounter,
    "Slots that all pods have, as last heard, by pool."};
inline constexpr MetricInfo kPoolExchanges{
    "outrigger.pool.exchanges", "{exchange}", MetricKind::kCounter,
    "Times that this pod and the fleet's store settled who has which slots, by "
    "pool and result (ok, failed)."};
inline constexpr MetricInfo kPoolExpired{
    "outrigger.pool.expired", "{lease}", MetricKind::kCounter,
    "Leases that were neither renewed nor released in time, by pool."};
inline constexpr MetricInfo kPoolLeaks{
    "outrigger.pool.leaks", "{lease}", MetricKind::kCounter,
    "Leases held longer than leak_after, by pool."};
inline constexpr MetricInfo kPoolLost{
    "outrigger.pool.lost", "{lease}", MetricKind::kCounter,
    "Leases that ended because the fleet's store could not be reached, by "
    "pool."};
inline constexpr MetricInfo kPoolDegraded{
    "outrigger.pool.degraded", "1", MetricKind::kGauge,
    "1: the pool is decided without the fleet, whose store is out of reach."};
inline constexpr MetricInfo kPoolEndpoints{
    "outrigger.pool.endpoints", "{endpoint}", MetricKind::kUpDownCounter,
    "Endpoints, by pool and state (healthy, unhealthy, ejected, overloaded, "
    "unknown)."};
inline constexpr MetricInfo kPoolEjections{
    "outrigger.pool.ejections", "{ejection}", MetricKind::kCounter,
    "Endpoints ejected because of reported outcomes, by pool."};
inline constexpr MetricInfo kPoolChecks{
    "outrigger.pool.checks", "{check}", MetricKind::kCounter,
    "Health checks, by pool and result (passed, failed)."};
inline constexpr MetricInfo kPoolCheckTime{
    "outrigger.pool.check.duration", "s", MetricKind::kHistogram,
    "How long health checks took, by pool."};
inline constexpr MetricInfo kPoolChecksDelayed{
    "outrigger.pool.checks.delayed", "{check}", MetricKind::kCounter,
    "Health checks that had to wait, because so many were under way in this "
    "pod."};
inline constexpr MetricInfo kPoolResolutions{
    "outrigger.pool.resolutions", "{resolution}", MetricKind::kCounter,
    "Look-ups of endpoints' DNS names, by pool and result (ok, failed)."};
inline constexpr MetricInfo kPoolRefused{
    "outrigger.pool.refused", "{call}", MetricKind::kCounter,
    "Calls refused, and endpoints left out, because a bound was reached, by "
    "bound (waiting, sessions, endpoints)."};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_POOL_METRICS_H_
