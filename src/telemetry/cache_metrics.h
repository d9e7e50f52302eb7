// The cache's metrics. "By cache" is the namespace's name: the label
// `namespace` belongs to Kubernetes.
#ifndef OUTRIGGER_TELEMETRY_CACHE_METRICS_H_
#define OUTRIGGER_TELEMETRY_CACHE_METRICS_H_

#include "telemetry/metrics.h"

namespace outrigger::telemetry {

inline constexpr MetricInfo kCacheRequests{
    "outrigger.cache.requests", "{request}", MetricKind::kCounter,
    "Reads, by cache and result (hit, stale, negative: a known absence, "
    "miss)."};
inline constexpr MetricInfo kCacheLocalHits{
    "outrigger.cache.local_hits", "{request}", MetricKind::kCounter,
    "Reads answered from the pod's own copy, without asking the store, by "
    "cache."};
inline constexpr MetricInfo kCacheEntries{"outrigger.cache.entries", "{entry}",
                                          MetricKind::kUpDownCounter,
                                          "Values in the pod, by cache."};
inline constexpr MetricInfo kCacheMemory{
    "outrigger.cache.memory", "By", MetricKind::kUpDownCounter,
    "Memory of the pod's values, bookkeeping included, by cache."};
inline constexpr MetricInfo kCacheMemoryLimit{
    "outrigger.cache.memory.limit", "By", MetricKind::kUpDownCounter,
    "What that may be at most, by cache."};
inline constexpr MetricInfo kCacheEvictions{
    "outrigger.cache.evictions", "{entry}", MetricKind::kCounter,
    "Values that left the pod, by cache and reason (size, expired); and those "
    "that never entered (too_large)."};
inline constexpr MetricInfo kCacheFills{
    "outrigger.cache.fills", "{fill}", MetricKind::kCounter,
    "Loads, by cache and result (granted, stored, refused, abandoned)."};
inline constexpr MetricInfo kCacheFillDuration{
    "outrigger.cache.fill.duration", "s", MetricKind::kHistogram,
    "Time from the right to load to the loaded value, by cache."};
inline constexpr MetricInfo kCacheRefreshes{
    "outrigger.cache.refreshes", "{refresh}", MetricKind::kCounter,
    "Loads begun before the value had expired, by cache and kind (early, "
    "ahead)."};
inline constexpr MetricInfo kCacheWrites{
    "outrigger.cache.writes", "{write}", MetricKind::kCounter,
    "Writes that were not loads, by cache and result (stored, refused, "
    "failed)."};
inline constexpr MetricInfo kCacheInvalidations{
    "outrigger.cache.invalidations", "{invalidation}", MetricKind::kCounter,
    "Invalidations asked for here, by cache and kind (key, tag, glob)."};
inline constexpr MetricInfo kCacheReplays{
    "outrigger.cache.replays", "{invalidation}", MetricKind::kCounter,
    "Invalidations repeated after the store was lost, by cache."};
inline constexpr MetricInfo kCacheChanges{
    "outrigger.cache.changes", "{change}", MetricKind::kCounter,
    "Changes of values heard of from the store, by cache."};
inline constexpr MetricInfo kCacheCorrupt{
    "outrigger.cache.corrupt", "{value}", MetricKind::kCounter,
    "Values in the store that are damaged or not ours, by cache; each counts "
    "as "
    "a miss."};
inline constexpr MetricInfo kCacheVerified{
    "outrigger.cache.verified", "1", MetricKind::kGauge,
    "1: all changes are heard of, so the pod's copies are coherent; 0: not."};
inline constexpr MetricInfo kCacheLosses{
    "outrigger.cache.tracking.losses", "{loss}", MetricKind::kCounter,
    "Times that changes could not be heard of any more."};
inline constexpr MetricInfo kCacheWaiting{
    "outrigger.cache.waiting", "{call}", MetricKind::kUpDownCounter,
    "Reads that wait for the store or another's load."};
inline constexpr MetricInfo kCacheRefused{
    "outrigger.cache.refused", "{call}", MetricKind::kCounter,
    "Calls refused, and events dropped, because a bound was reached, by bound "
    "(parked, pulls, watches, watch_events, pending_writes, replays, "
    "write_bytes)."};
inline constexpr MetricInfo kCachePendingWrites{
    "outrigger.cache.pending_writes", "{write}", MetricKind::kUpDownCounter,
    "Write-behind that waits in this pod for the store, by cache."};
inline constexpr MetricInfo kCacheWatches{"outrigger.cache.watches", "{watch}",
                                          MetricKind::kUpDownCounter,
                                          "Watches that are open."};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_CACHE_METRICS_H_
