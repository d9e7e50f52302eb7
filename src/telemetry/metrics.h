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
    "nothing was left. Of several serving threads the highest."};
inline constexpr MetricInfo kAllowKeys{"outrigger.allow.keys", "{key}",
                                       MetricKind::kUpDownCounter,
                                       "Keys that this pod keeps state for."};
inline constexpr MetricInfo kAllowLeases{
    "outrigger.allow.leases", "{lease}", MetricKind::kUpDownCounter,
    "Keys that this pod leases tokens for."};
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
    "it failed, error; those refused at once are left out."};
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

// The admin server.
inline constexpr MetricInfo kAdminRefused{
    "outrigger.admin.refused", "{request}", MetricKind::kCounter,
    "Requests and connections that the admin server refused or cut because a "
    "bound was reached, by bound (connections, head, body, answers, "
    "request_time, answer_time, profiles)."};

// The process.
inline constexpr MetricInfo kProcessCpuTime{
    "process.cpu.time", "s", MetricKind::kCounter,
    "Processor time used, by cpu.mode (user, system)."};
inline constexpr MetricInfo kProcessMemoryUsage{"process.memory.usage", "By",
                                                MetricKind::kUpDownCounter,
                                                "Physical memory in use."};
inline constexpr MetricInfo kProcessMemoryVirtual{
    "process.memory.virtual", "By", MetricKind::kUpDownCounter,
    "Committed virtual memory."};
inline constexpr MetricInfo kProcessThreadCount{
    "process.thread.count", "{thread}", MetricKind::kUpDownCounter, "Threads."};
inline constexpr MetricInfo kProcessFileDescriptors{
    "process.unix.file_descriptor.count", "{file_descriptor}",
    MetricKind::kUpDownCounter, "Open file descriptors."};
inline constexpr MetricInfo kProcessContextSwitches{
    "process.context_switches", "{context_switch}", MetricKind::kCounter,
    "Times that a thread left the processor, by "
    "process.context_switch.type (voluntary, involuntary)."};
inline constexpr MetricInfo kProcessPagingFaults{
    "process.paging.faults", "{fault}", MetricKind::kCounter,
    "Page faults, by system.paging.fault.type (major: read from disk; minor)."};
inline constexpr MetricInfo kProcessUptime{"process.uptime", "s",
                                           MetricKind::kGauge,
                                           "Time since the process started."};
inline constexpr MetricInfo kProcessStartTime{
    "process.start_time", "s", MetricKind::kGauge,
    "When the process started, since 1970."};

// The process's cgroup, where there is one: a container's limits.
inline constexpr MetricInfo kCgroupCpuPeriods{
    "outrigger.cgroup.cpu.periods", "{period}", MetricKind::kCounter,
    "Periods in which the container's processor time was limited."};
inline constexpr MetricInfo kCgroupCpuThrottledPeriods{
    "outrigger.cgroup.cpu.throttled_periods", "{period}", MetricKind::kCounter,
    "Those in which the container used up its processor time and was stopped."};
inline constexpr MetricInfo kCgroupCpuThrottledTime{
    "outrigger.cgroup.cpu.throttled_time", "s", MetricKind::kCounter,
    "Time for which the container was stopped, having used up its processor "
    "time."};
inline constexpr MetricInfo kCgroupCpuLimit{
    "outrigger.cgroup.cpu.limit", "{cpu}", MetricKind::kGauge,
    "Processors that the container may use; absent: no limit."};
inline constexpr MetricInfo kCgroupMemoryUsage{
    "outrigger.cgroup.memory.usage", "By", MetricKind::kUpDownCounter,
    "Memory that counts towards the container's limit."};
inline constexpr MetricInfo kCgroupMemoryLimit{
    "outrigger.cgroup.memory.limit", "By", MetricKind::kUpDownCounter,
    "Memory that the container may use; absent: no limit."};
inline constexpr MetricInfo kCgroupOomKills{
    "outrigger.cgroup.memory.oom_kills", "{process}", MetricKind::kCounter,
    "Processes of the container that were killed for want of memory."};

// The health analyser.
inline constexpr MetricInfo kAnalyserFindings{
    "outrigger.analyser.findings", "{finding}", MetricKind::kGauge,
    "Findings that hold now, by finding and severity."};
inline constexpr MetricInfo kAnalyserRaised{
    "outrigger.analyser.raised", "{finding}", MetricKind::kCounter,
    "Findings that were new, by severity at that time."};
inline constexpr MetricInfo kAnalyserLeftOut{
    "outrigger.analyser.left_out", "{series}", MetricKind::kGauge,
    "What the analyser does not look at because one of its bounds was reached, "
    "by what."};

// Logs.
inline constexpr MetricInfo kLogEvents{
    "outrigger.log.events", "{event}", MetricKind::kCounter,
    "Log events of the whole process, by level; those held back included."};
inline constexpr MetricInfo kLogHeldBack{
    "outrigger.log.held_back", "{event}", MetricKind::kCounter,
    "Log events that were counted instead of written, because the same was "
    "written just before."};

// The exporter, by otel.component.type and, of what failed, error.type.
inline constexpr MetricInfo kSdkSpansInFlight{
    "otel.sdk.exporter.span.inflight", "{span}", MetricKind::kUpDownCounter,
    "Spans handed to the exporter and neither accepted nor given up."};
inline constexpr MetricInfo kSdkSpansExported{
    "otel.sdk.exporter.span.exported", "{span}", MetricKind::kCounter,
    "Spans accepted by the collector or given up."};
inline constexpr MetricInfo kSdkPointsInFlight{
    "otel.sdk.exporter.metric_data_point.inflight", "{data_point}",
    MetricKind::kUpDownCounter,
    "Points of metrics handed to the exporter and neither accepted nor given "
    "up."};
inline constexpr MetricInfo kSdkPointsExported{
    "otel.sdk.exporter.metric_data_point.exported", "{data_point}",
    MetricKind::kCounter,
    "Points of metrics accepted by the collector or given up."};
inline constexpr MetricInfo kSdkLogsInFlight{
    "otel.sdk.exporter.log.inflight", "{log_record}",
    MetricKind::kUpDownCounter,
    "Log events handed to the exporter and neither accepted nor given up."};
inline constexpr MetricInfo kSdkLogsExported{
    "otel.sdk.exporter.log.exported", "{log_record}", MetricKind::kCounter,
    "Log events accepted by the collector or given up."};
inline constexpr MetricInfo kSdkExportDuration{
    "otel.sdk.exporter.operation.duration", "s", MetricKind::kHistogram,
    "Time from sending a request to the collector to its answer."};
inline constexpr MetricInfo kSdkSpanQueueSize{
    "otel.sdk.processor.span.queue.size", "{span}", MetricKind::kUpDownCounter,
    "Finished spans that wait to be sent."};
inline constexpr MetricInfo kSdkSpanQueueCapacity{
    "otel.sdk.processor.span.queue.capacity", "{span}",
    MetricKind::kUpDownCounter, "Spans that may wait."};
inline constexpr MetricInfo kSdkSpansProcessed{
    "otel.sdk.processor.span.processed", "{span}", MetricKind::kCounter,
    "Spans handed to the exporter, or dropped because too many waited."};
inline constexpr MetricInfo kSdkLogQueueSize{
    "otel.sdk.processor.log.queue.size", "{log_record}",
    MetricKind::kUpDownCounter, "Log events that wait to be sent."};
inline constexpr MetricInfo kSdkLogQueueCapacity{
    "otel.sdk.processor.log.queue.capacity", "{log_record}",
    MetricKind::kUpDownCounter, "Log events that may wait."};
inline constexpr MetricInfo kSdkLogsProcessed{
    "otel.sdk.processor.log.processed", "{log_record}", MetricKind::kCounter,
    "Log events handed to the exporter, or dropped because too many waited."};
inline constexpr MetricInfo kOtlpRetries{
    "outrigger.otlp.retries", "{request}", MetricKind::kCounter,
    "Requests to the collector that are sent again, by signal."};
inline constexpr MetricInfo kOtlpDropped{
    "outrigger.otlp.dropped", "{item}", MetricKind::kCounter,
    "Spans, points of metrics and log events that did not reach the collector, "
    "by signal and reason (queue_full, timeout, refused, rejected, "
    "too_large)."};

// All of the above, in their order.
const std::vector<const MetricInfo*>& AllMetrics();

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_METRICS_H_
