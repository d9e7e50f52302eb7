// The kinds of findings there are, and what is said of each.
#ifndef OUTRIGGER_ANALYSER_JUDGE_KINDS_H_
#define OUTRIGGER_ANALYSER_JUDGE_KINDS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "analyser/finding.h"

namespace outrigger::analyser {

// A kind's texts. They live for ever.
struct Kind {
  const char* name;
  // "$0" stands for the subject.
  const char* title;
  const char* likely_cause;
  const char* advice;
};

inline constexpr Kind kSlowResponses{
    "response_time", "Answers are slow on average",
    "Redis is slow, the sidecar has too little processor time, or a bound on "
    "parked calls is near.",
    "Look at redis_latency and throttled_cpu here; raise the container's CPU "
    "limit or server.threads."};
inline constexpr Kind kSlowResponsesP95{
    "response_time_p95", "One answer in twenty is slow",
    "Some calls wait for Redis, or for the processor, while most do not.",
    "Compare the methods below and Redis' own latency; look at traces of slow "
    "calls."};
inline constexpr Kind kSlowResponsesP99{
    "response_time_p99", "One answer in a hundred is slow",
    "Short stalls: throttling, a Redis failover, a busy machine.",
    "Look at the traces that the slow buckets' exemplars name."};
inline constexpr Kind kErrorRate{
    "error_rate", "Calls fail",
    "The sidecar or what it depends on is failing; denials do not count.",
    "See which method fails under methods, and the log for the errors' texts."};
inline constexpr Kind kCacheHitRate{
    "cache_hit_rate", "Cache $0 is cold",
    "The time to live is short, the memory is too small, or keys are rarely "
    "asked for twice.",
    "Raise the namespace's ttl or memory (`outrigger cache simulate` says what "
    "size helps), or do not cache what is asked for once."};
inline constexpr Kind kPoolUtilization{
    "pool_utilization", "Pool $0 is nearly used up",
    "Slots are held for long, leak, or are too few for the traffic.",
    "Look at how long slots are held, and for leaks; then raise the pool's "
    "limit if the endpoint can bear it."};
inline constexpr Kind kBreakerFlapping{
    "breaker_flapping", "Breaker $0 opens and closes again and again",
    "What is behind it recovers just enough for the probes and then fails "
    "under load.",
    "Make the open time longer or the recovery slower, and look at what is "
    "behind it."};
inline constexpr Kind kRedisLatency{
    "redis_latency", "Redis is slow",
    "The network, a slow command of another client, swapping, or a "
    "saturated Redis.",
    "Look at Redis' SLOWLOG and CPU; put it nearer; raise the limits' burst "
    "so that leases last longer."};
inline constexpr Kind kRedisErrors{
    "redis_errors", "Redis commands fail",
    "Redis is down, refuses the login, or answers too late.",
    "The log says what Redis answered; check its address, password and "
    "memory."};
inline constexpr Kind kThrottledCpu{
    "throttled_cpu", "The container is out of processor time",
    "Its CPU limit is too low for the traffic, or too low for bursts.",
    "Raise or remove the container's CPU limit."};
inline constexpr Kind kMemory{
    "memory", "The container is nearly out of memory",
    "More keys than planned, or a memory limit that is too low.",
    "Raise the memory limit or lower server.max_keys; else the kernel will "
    "kill the sidecar."};
inline constexpr Kind kDegradedMode{
    "degraded_mode", "The fleet's store is out of reach",
    "Redis is down or cannot be reached from this pod.",
    "Limits go on by on_store_loss; bring Redis back, and look at the log for "
    "why it cannot be reached."};
inline constexpr Kind kCacheUnverified{
    "cache_unverified", "Copies in the pod are not known to be coherent",
    "The connection that tells of changes is lost, or Redis refuses client "
    "tracking.",
    "Every read asks Redis until it is back: look at the log for why, and at "
    "the ACL rights that caches need."};
inline constexpr Kind kLimitDenied{
    "limit_denied", "Limit $0 turns away much of its traffic",
    "A caller sends more than it may, or the limit is too low.",
    "Find the callers (outrigger top); raise the limit, or give them an "
    "override."};
inline constexpr Kind kTelemetryDropped{
    "telemetry_dropped", "Telemetry is lost",
    "The collector is slow, gone, or refuses what it is sent.",
    "Check the collector at telemetry.otlp; lower traces_ratio."};
inline constexpr Kind kSlowOperation{
    "slow_operation", "$0 is slower than usual",
    "What it depends on has become slower, or its load has changed.",
    "Compare with when it began: a deployment, Redis, traffic."};
inline constexpr Kind kAnomaly{
    "anomaly", "$0 is unusual",
    "Something is different from the last hours, or from this time of day.",
    "Compare with when it began; if it is meant, it is usual in half an "
    "hour."};

// All of the above.
const std::vector<const Kind*>& AllKinds();

// A finding of that kind, without evidence.
Finding Describe(const Kind& kind, absl::string_view subject,
                 Severity severity);

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_JUDGE_KINDS_H_
