// Every metric's name, unit and description, once. The README's table is
// checked against AllMetrics().
#ifndef OUTRIGGER_TELEMETRY_METRICS_H_
#define OUTRIGGER_TELEMETRY_METRICS_H_

#include <vector>

namespace outrigger::telemetry {

enum class MetricKind { kCounter, kUpDownCounter, kGauge, kHistogram };

// What a metric is; the names follow the OpenTelemetry conventions where there
// is one. Histograms have the bounds of telemetry/instruments/buckets.h.
struct MetricInfo {
  const char* name;
  const char* unit;  // UCUM
  MetricKind kind;
  const char* description;
};

// Rate limits.
inline constexpr MetricInfo kAllowDecisions{
    "outrigger.allow.decisions", "{decision}", MetricKind::kCounter,
    "Decisions of a limit, by limit and result (allowed, denied, "
    "shadow_denied)."};
inline constexpr MetricInfo kAllowDegraded{
    "outrigger.allow.degraded", "{decision}", MetricKind::kCounter,
    "Decisions made while the fleet's store was out of reach, by limit."};
inline constexpr MetricInfo kAllowLocal{
    "outrigger.allow.local", "{decision}", MetricKind::kCounter,
    "Decisions made in the pod, without asking the store, by limit."};
inline constexpr MetricInfo kAllowWait{"outrigger.allow.wait", "s",
                                       MetricKind::kHistogram,
                                       "How long calls waited for tokens, by "
                                       "the limit that decided; calls that did "
                                       "not wait are left out."};
inline constexpr MetricInfo kAllowUsed{
    "outrigger.allow.used", "1", MetricKind::kGauge,
    "Share of the burst in use at the limit's latest decision, by limit; 1: "
    "nothing was left."};
inline constexpr MetricInfo kAllowKeys{"outrigger.allow.keys", "{key}",
                                       MetricKind::kUpDownCounter,
                                       "Keys that this pod keeps state for."};
inline constexpr MetricInfo kAllowLeases{
    "outrigger.allow.leases", "{lease}", MetricKind::kUpDownCounter,
    "Leases of tokens that this pod holds."};
inline constexpr MetricInfo kAllowParked{
    "outrigger.allow.parked", "{call}", MetricKind::kUpDownCounter,
    "Calls that wait for tokens or for the store."};
inline constexpr MetricInfo kAllowRefused{
    "outrigger.allow.refused", "{call}", MetricKind::kCounter,
    "Calls refused because a bound was reached, by bound (keys, parked)."};

// What the fleet shares.
inline constexpr MetricInfo kStoreDegradedTime{
    "outrigger.store.degraded.time", "s", MetricKind::kCounter,
    "Time for which the fleet's store was out of reach."};
inline constexpr MetricInfo kStorePods{
    "outrigger.store.pods", "{pod}", MetricKind::kUpDownCounter,
    "Pods of the fleet that the store has heard of lately; 1 without a store."};

// Redis.
inline constexpr MetricInfo kRedisDuration{
    "db.client.operation.duration", "s", MetricKind::kHistogram,
    "Time from posting a command to its answer, by operation, script and, if "
    "it "
    "failed, error."};
inline constexpr MetricInfo kRedisCommands{"outrigger.redis.commands",
                                           "{command}", MetricKind::kCounter,
                                           "Commands sent to Redis."};
inline constexpr MetricInfo kRedisErrors{
    "outrigger.redis.errors", "{command}", MetricKind::kCounter,
    "Commands that failed, by kind (timeout, disconnected, refused, reply)."};
inline constexpr MetricInfo kRedisRedirects{
    "outrigger.redis.redirects", "{command}", MetricKind::kCounter,
    "Commands that a cluster sent elsewhere, by kind (moved, ask, again)."};
inline constexpr MetricInfo kRedisNoscript{
    "outrigger.redis.noscript", "{command}", MetricKind::kCounter,
    "Commands sent again with their script, which Redis did not know."};
inline constexpr MetricInfo kRedisReconnects{
    "outrigger.redis.reconnects", "{connection}", MetricKind::kCounter,
    "Connections to Redis that were opened again after a loss."};
inline constexpr MetricInfo kRedisInFlight{
    "outrigger.redis.in_flight", "{command}", MetricKind::kUpDownCounter,
    "Commands sent to Redis, or queued, and not yet answered."};
inline constexpr MetricInfo kRedisQueueFull{
    "outrigger.redis.queue_full", "{command}", MetricKind::kCounter,
    "Commands refused because too many were in flight."};

// gRPC.
inline constexpr MetricInfo kRpcDuration{
    "rpc.server.call.duration", "s", MetricKind::kHistogram,
    "Time from a call's arrival to its answer, by method and status; of a "
    "stream, "
    "to its end."};
inline constexpr MetricInfo kRpcMessageDuration{
    "outrigger.rpc.message.duration", "s", MetricKind::kHistogram,
    "Time from the arrival of a stream's message to its answer, by method and "
    "status."};
inline constexpr MetricInfo kRpcRefused{
    "outrigger.rpc.refused", "{call}", MetricKind::kCounter,
    "Calls and streams refused because a bound of the server was reached, by "
    "bound."};

// The program itself.
inline constexpr MetricInfo kConfigReloads{
    "outrigger.config.reloads", "{reload}", MetricKind::kCounter,
    "Configuration files read after the start, by result (applied, refused)."};

// All of the above, in their order.
const std::vector<const MetricInfo*>& AllMetrics();

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_METRICS_H_
