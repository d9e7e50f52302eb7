#include "telemetry/metrics.h"

#include "telemetry/breaker_metrics.h"
#include "telemetry/cache_metrics.h"
#include "telemetry/pool_metrics.h"

namespace outrigger::telemetry {

const std::vector<const MetricInfo*>& AllMetrics() {
  static const auto* const all = new std::vector<const MetricInfo*>{
      // Rate limits.
      &kAllowDecisions,
      &kAllowDegraded,
      &kAllowLocal,
      &kAllowWait,
      &kAllowUsed,
      &kAllowKeys,
      &kAllowLeases,
      &kAllowParked,
      &kAllowRefused,
      // Caches.
      &kCacheRequests,
      &kCacheLocalHits,
      &kCacheEntries,
      &kCacheMemory,
      &kCacheMemoryLimit,
      &kCacheEvictions,
      &kCacheFills,
      &kCacheFillDuration,
      &kCacheRefreshes,
      &kCacheWrites,
      &kCacheInvalidations,
      &kCacheReplays,
      &kCacheChanges,
      &kCacheCorrupt,
      &kCacheVerified,
      &kCacheLosses,
      &kCacheWaiting,
      &kCacheRefused,
      &kCachePendingWrites,
      &kCacheWatches,
      // Breakers.
      &kBreakerState,
      &kBreakerTransitions,
      &kBreakerPermits,
      &kBreakerRejected,
      &kBreakerWouldReject,
      &kBreakerOutcomes,
      &kBreakerProbes,
      &kBreakerAdmitRatio,
      &kBreakerDegraded,
      &kBreakerWaiting,
      &kBreakerWatches,
      &kBreakerMethods,
      &kBreakerRefused,
      // Pools.
      &kPoolLeases,
      &kPoolCount,
      &kPoolMax,
      &kPoolPending,
      &kPoolTimeouts,
      &kPoolWaitTime,
      &kPoolUseTime,
      &kPoolFleetSlots,
      &kPoolExchanges,
      &kPoolExpired,
      &kPoolLeaks,
      &kPoolLost,
      &kPoolDegraded,
      &kPoolEndpoints,
      &kPoolEjections,
      &kPoolChecks,
      &kPoolCheckTime,
      &kPoolChecksDelayed,
      &kPoolResolutions,
      &kPoolRefused,
      // What the fleet shares.
      &kStoreDegradedTime,
      &kStorePods,
      // Redis.
      &kRedisDuration,
      &kRedisCommands,
      &kRedisErrors,
      &kRedisRedirects,
      &kRedisNoscript,
      &kRedisReconnects,
      &kRedisInFlight,
      &kRedisQueueFull,
      // gRPC.
      &kRpcDuration,
      &kRpcMessageDuration,
      &kRpcRefused,
      // The program itself.
      &kConfigReloads,
      // The admin server.
      &kAdminRefused,
      // The process.
      &kProcessCpuTime,
      &kProcessMemoryUsage,
      &kProcessMemoryVirtual,
      &kProcessThreadCount,
      &kProcessFileDescriptors,
      &kProcessContextSwitches,
      &kProcessPagingFaults,
      &kProcessUptime,
      &kProcessStartTime,
      // The cgroup.
      &kCgroupCpuPeriods,
      &kCgroupCpuThrottledPeriods,
      &kCgroupCpuThrottledTime,
      &kCgroupCpuLimit,
      &kCgroupMemoryUsage,
      &kCgroupMemoryLimit,
      &kCgroupOomKills,
      // The health analyser.
      &kAnalyserFindings,
      &kAnalyserRaised,
      &kAnalyserLeftOut,
      // Logs.
      &kLogEvents,
      &kLogHeldBack,
      // The exporter.
      &kSdkSpansInFlight,
      &kSdkSpansExported,
      &kSdkPointsInFlight,
      &kSdkPointsExported,
      &kSdkLogsInFlight,
      &kSdkLogsExported,
      &kSdkExportDuration,
      &kSdkSpanQueueSize,
      &kSdkSpanQueueCapacity,
      &kSdkSpansProcessed,
      &kSdkLogQueueSize,
      &kSdkLogQueueCapacity,
      &kSdkLogsProcessed,
      &kOtlpRetries,
      &kOtlpDropped,
  };
  return *all;
}

}  // namespace outrigger::telemetry
