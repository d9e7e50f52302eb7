// Every metric's name, unit and description, once.
#ifndef OUTRIGGER_TELEMETRY_METRICS_H_
#define OUTRIGGER_TELEMETRY_METRICS_H_

namespace outrigger::telemetry {

enum class MetricKind { kCounter, kGauge };

// What a metric is; the names follow the OpenTelemetry conventions.
struct MetricInfo {
  const char* name;
  const char* unit;
  MetricKind kind;
  const char* description;
};

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
inline constexpr MetricInfo kAllowKeys{"outrigger.allow.keys", "{key}",
                                       MetricKind::kGauge,
                                       "Keys that this pod keeps state for."};
inline constexpr MetricInfo kAllowParked{
    "outrigger.allow.parked", "{call}", MetricKind::kGauge,
    "Calls that wait for tokens or for the store."};
inline constexpr MetricInfo kAllowRefused{
    "outrigger.allow.refused", "{call}", MetricKind::kCounter,
    "Calls refused because a bound was reached, by bound (keys, parked)."};
inline constexpr MetricInfo kConfigReloads{
    "outrigger.config.reloads", "{reload}", MetricKind::kCounter,
    "Configuration files read after the start, by result (applied, refused)."};
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
    "outrigger.redis.in_flight", "{command}", MetricKind::kGauge,
    "Commands sent to Redis, or queued, and not yet answered."};
inline constexpr MetricInfo kRedisQueueFull{
    "outrigger.redis.queue_full", "{command}", MetricKind::kCounter,
    "Commands refused because too many were in flight."};
inline constexpr MetricInfo kRpcRefused{
    "outrigger.rpc.refused", "{call}", MetricKind::kCounter,
    "Calls and streams refused because a bound of the server was reached, by "
    "bound."};
inline constexpr MetricInfo kRpcCalls{
    "outrigger.rpc.calls", "{call}", MetricKind::kCounter,
    "Calls and streams that were finished, by method and status."};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_METRICS_H_
