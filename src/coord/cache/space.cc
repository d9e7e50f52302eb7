#include "coord/cache/space.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "telemetry/cache_metrics.h"

namespace outrigger::coord {
namespace {

using cache::Tick;
using std::chrono::milliseconds;
using telemetry::Counter;
using telemetry::MetricInfo;
using telemetry::Registry;

Counter& Get(Registry& registry, const MetricInfo& info, const std::string& ns,
             const char* label = nullptr, const char* value = nullptr) {
  if (label == nullptr) return registry.GetCounter(info, {{"cache", ns}});
  return registry.GetCounter(info, {{"cache", ns}, {label, value}});
}

}  // namespace

SpaceMetrics::SpaceMetrics(Registry& r, const std::string& ns)
    : hits(Get(r, telemetry::kCacheRequests, ns, "result", "hit")),
      stale(Get(r, telemetry::kCacheRequests, ns, "result", "stale")),
      absent(Get(r, telemetry::kCacheRequests, ns, "result", "negative")),
      misses(Get(r, telemetry::kCacheRequests, ns, "result", "miss")),
      local_hits(Get(r, telemetry::kCacheLocalHits, ns)),
      granted(Get(r, telemetry::kCacheFills, ns, "result", "granted")),
      filled(Get(r, telemetry::kCacheFills, ns, "result", "stored")),
      fills_refused(Get(r, telemetry::kCacheFills, ns, "result", "refused")),
      abandoned(Get(r, telemetry::kCacheFills, ns, "result", "abandoned")),
      fill_duration(
          r.GetHistogram(telemetry::kCacheFillDuration, {{"cache", ns}})),
      early(Get(r, telemetry::kCacheRefreshes, ns, "kind", "early")),
      ahead(Get(r, telemetry::kCacheRefreshes, ns, "kind", "ahead")),
      written(Get(r, telemetry::kCacheWrites, ns, "result", "stored")),
      writes_refused(Get(r, telemetry::kCacheWrites, ns, "result", "refused")),
      writes_failed(Get(r, telemetry::kCacheWrites, ns, "result", "failed")),
      by_key(Get(r, telemetry::kCacheInvalidations, ns, "kind", "key")),
      by_tag(Get(r, telemetry::kCacheInvalidations, ns, "kind", "tag")),
      by_glob(Get(r, telemetry::kCacheInvalidations, ns, "kind", "glob")),
      replays(Get(r, telemetry::kCacheReplays, ns)),
      changes(Get(r, telemetry::kCacheChanges, ns)),
      corrupt(Get(r, telemetry::kCacheCorrupt, ns)) {}

Space::Space(const cache::NamespaceOptions& options, const Clock& clock,
             RandomSource& random, telemetry::Registry& registry)
    : options_(options),
      clock_(clock),
      random_(random),
      metrics_(registry, options.name) {
  if (options.max_entries > 0) {
    cache::L1Options l1;
    l1.policy = options.policy;
    l1.max_bytes = static_cast<size_t>(options.memory_bytes);
    l1.max_entries = static_cast<size_t>(options.max_entries);
    l1_ = std::make_unique<cache::L1>(l1);
  }
  if (options.refresh_ahead) {
    rhythm_ = std::make_unique<cache::Rhythm>(
        static_cast<uint32_t>(options.refresh_ahead_per_second));
  }
}

cache::EntryRef Space::EntryOf(absl::string_view key,
                               const cache::Record& record, uint32_t checked,
                               MonotonicTime now, int64_t store_now_ms) const {
  const int64_t longest = cache::kLongestTicks;
  const int64_t fresh_ms =
      std::clamp(record.fresh_until_ms - store_now_ms, -longest, longest);
  const int64_t dead_ms =
      std::clamp(record.fresh_until_ms + record.stale_for_ms - store_now_ms,
                 -longest, longest);
  const Tick tick = TickOf(now);
  cache::EntryInfo info;
  info.version = record.version;
  info.fresh_until = tick + static_cast<Tick>(fresh_ms);
  info.dead_at = tick + static_cast<Tick>(dead_ms);
  info.load_ms = record.load_ms;
  info.absent = record.absent;
  return cache::Entry::Make(key, record.value, record.tags, info, checked);
}

bool Space::WantsRefresh(const cache::Entry& entry, uint64_t hash,
                         MonotonicTime now) {
  const Tick tick = TickOf(now);
  const int32_t left_ms = MillisUntil(entry.fresh_until(), tick);
  if (rhythm_ != nullptr && rhythm_->Read(hash, tick, left_ms)) {
    metrics_.ahead.Add();
    return true;
  }
  // XFetch: now + load * beta * -ln(random) >= expiry. -ln of a uniform number
  // is above 20 for one of half a billion.
  const double scale = options_.early_refresh * entry.load_ms();
  if (left_ms > 20 * scale) return false;
  const double uniform =
      std::max(random_.NextDouble(), std::numeric_limits<double>::min());
  if (scale * -std::log(uniform) < left_ms) return false;
  metrics_.early.Add();
  return true;
}

void Space::Answer(cache::EntryRef entry, bool stale, const GetQuery& query,
                   MonotonicTime now, int64_t store_now_ms,
                   GetAnswer* answer) const {
  const Tick tick = TickOf(now);
  const int32_t fresh_ms =
      stale ? 0 : std::max(0, MillisUntil(entry->fresh_until(), tick));
  const int32_t alive_ms = std::max(0, MillisUntil(entry->dead_at(), tick));
  if (fresh_ms == 0 && alive_ms == 0) {
    answer->status = CacheStatus::kMiss;
    return;
  }
  const int64_t written_ms = static_cast<int64_t>(entry->version() / 1000);
  answer->age = milliseconds(std::max<int64_t>(0, store_now_ms - written_ms));
  answer->ttl = milliseconds(fresh_ms);
  answer->stale_ttl = milliseconds(std::max(0, alive_ms - fresh_ms));
  if (entry->absent()) {
    // An absence is not served stale: to look again costs no more.
    answer->status = fresh_ms > 0 ? CacheStatus::kAbsent : CacheStatus::kMiss;
  } else if (query.if_not_version != 0 &&
             query.if_not_version == entry->version()) {
    answer->status = CacheStatus::kNotModified;
  } else {
    answer->status = fresh_ms > 0 ? CacheStatus::kHit : CacheStatus::kStale;
  }
  if (answer->status != CacheStatus::kMiss) answer->entry = std::move(entry);
}

bool Space::ServesWhileLost(const cache::Entry& entry, MonotonicTime now,
                            MonotonicTime lost_at, int64_t store_now_ms) const {
  const int64_t age_ms =
      store_now_ms - static_cast<int64_t>(entry.version() / 1000);
  const MonotonicTime written =
      now - milliseconds(std::max<int64_t>(0, age_ms));
  return now <= std::max(lost_at, written) + options_.stale_for;
}

void Space::Count(const GetAnswer& answer) {
  switch (answer.status) {
    case CacheStatus::kHit:
    case CacheStatus::kNotModified:
      return metrics_.hits.Add();
    case CacheStatus::kStale:
      return metrics_.stale.Add();
    case CacheStatus::kAbsent:
      return metrics_.absent.Add();
    case CacheStatus::kMiss:
      return metrics_.misses.Add();
  }
}

}  // namespace outrigger::coord
