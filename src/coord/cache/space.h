// One namespace in this pod: its options, copies, invalidations and metrics.
#ifndef OUTRIGGER_COORD_CACHE_SPACE_H_
#define OUTRIGGER_COORD_CACHE_SPACE_H_

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "cache/entry.h"
#include "cache/l1.h"
#include "cache/options.h"
#include "cache/record.h"
#include "cache/rhythm.h"
#include "coord/cache/cache.h"
#include "coord/cache/coherence.h"
#include "coord/cache/mark_book.h"
#include "telemetry/registry.h"

namespace outrigger::coord {

// A namespace's instruments; see telemetry/cache_metrics.h.
struct SpaceMetrics {
  SpaceMetrics(telemetry::Registry& registry, const std::string& ns);

  telemetry::Counter& hits;
  telemetry::Counter& stale;
  telemetry::Counter& absent;
  telemetry::Counter& misses;
  telemetry::Counter& local_hits;
  telemetry::Counter& granted;
  telemetry::Counter& filled;
  telemetry::Counter& fills_refused;
  telemetry::Counter& abandoned;
  telemetry::Histogram& fill_duration;
  telemetry::Counter& early;
  telemetry::Counter& ahead;
  telemetry::Counter& written;
  telemetry::Counter& writes_refused;
  telemetry::Counter& writes_failed;
  telemetry::Counter& by_key;
  telemetry::Counter& by_tag;
  telemetry::Counter& by_glob;
  telemetry::Counter& replays;
  telemetry::Counter& changes;
  telemetry::Counter& corrupt;
};

// Thread-safe.
class Space {
 public:
  // All references must outlive it.
  Space(const cache::NamespaceOptions& options, const Clock& clock,
        RandomSource& random, telemetry::Registry& registry);

  const cache::NamespaceOptions& options() const { return options_; }
  const std::string& name() const { return options_.name; }
  MarkBook& marks() { return marks_; }
  SpaceMetrics& metrics() { return metrics_; }
  const SpaceMetrics& metrics() const { return metrics_; }

  // Null without an L1.
  cache::L1* l1() { return l1_.get(); }
  const cache::L1* l1() const { return l1_.get(); }

  // The copy, fresh or stale; null: none.
  cache::EntryRef Find(absl::string_view key, uint64_t hash,
                       MonotonicTime now) {
    return l1_ == nullptr ? cache::EntryRef()
                          : l1_->Find(key, hash, TickOf(now));
  }
  void Erase(absl::string_view key, uint64_t hash) {
    if (l1_ != nullptr) l1_->Erase(key, hash);
  }
  void Insert(const cache::EntryRef& entry, uint64_t hash) {
    if (l1_ != nullptr) l1_->Insert(entry, hash);
  }

  // A copy of a record, at `now`, when the store's time is `store_now_ms`.
  cache::EntryRef EntryOf(absl::string_view key, const cache::Record& record,
                          uint32_t checked, MonotonicTime now,
                          int64_t store_now_ms) const;

  // Whether this reader of a fresh value should load it anew: by XFetch near
  // its end, or because it is read with a rhythm and would be gone at its next
  // read. Counts a read.
  bool WantsRefresh(const cache::Entry& entry, uint64_t hash,
                    MonotonicTime now);

  // Fills the answer's value, times and status from an entry; status kMiss
  // if it is dead. `stale`: it must not pass as fresh.
  void Answer(cache::EntryRef entry, bool stale, const GetQuery& query,
              MonotonicTime now, int64_t store_now_ms, GetAnswer* answer) const;
  // Whether the copy may be served while the store is out of reach since
  // `lost_at`: for stale_for from then on, or from when it was written.
  bool ServesWhileLost(const cache::Entry& entry, MonotonicTime now,
                       MonotonicTime lost_at, int64_t store_now_ms) const;
  // Counts an answer.
  void Count(const GetAnswer& answer);

  static cache::Tick TickOf(MonotonicTime now) {
    return static_cast<cache::Tick>(now.time_since_epoch().count() / 1'000'000);
  }
  // How many milliseconds after `now`; negative: before.
  static int32_t MillisUntil(cache::Tick tick, cache::Tick now) {
    return static_cast<int32_t>(tick - now);
  }

 private:
  const cache::NamespaceOptions options_;
  const Clock& clock_;
  RandomSource& random_;
  SpaceMetrics metrics_;
  std::unique_ptr<cache::L1> l1_;
  MarkBook marks_;
  std::unique_ptr<cache::Rhythm> rhythm_;  // null without refresh_ahead
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_SPACE_H_
