// Who is told of changes.
#ifndef OUTRIGGER_COORD_CACHE_WATCHES_H_
#define OUTRIGGER_COORD_CACHE_WATCHES_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "coord/cache/cache.h"
#include "coord/cache/mark_book.h"
#include "store/cache_store.h"
#include "telemetry/instruments/counter.h"

namespace outrigger::coord {

// Thread-safe.
class Watches {
 public:
  // `refused` counts watches over `most`. `store` must outlive it and answer
  // before it goes.
  Watches(store::CacheStore& store, size_t most, telemetry::Counter& refused)
      : store_(store), most_(most), refused_(refused) {}

  absl::StatusOr<Cache::Ticket> Add(const WatchQuery& query,
                                    Cache::Changed changed)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Returns when `changed` does not run and never will.
  void Remove(Cache::Ticket ticket) ABSL_LOCKS_EXCLUDED(mutex_);

  void OnChanged(const store::CacheKey& key) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnMarks(const std::string& ns, const MarkBook::News& news)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Changes may have been missed.
  void OnMissed() ABSL_LOCKS_EXCLUDED(mutex_);

  size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  struct Watch {
    std::string ns;
    absl::flat_hash_set<std::string> keys;
    absl::flat_hash_set<std::string> tags;
    absl::Mutex mutex;  // held while `changed` runs
    bool removed ABSL_GUARDED_BY(mutex) = false;
    Cache::Changed changed ABSL_GUARDED_BY(mutex);

    bool everything() const { return keys.empty() && tags.empty(); }
  };
  using WatchPtr = std::shared_ptr<Watch>;

  template <typename Wants>
  std::vector<WatchPtr> Find(Wants wants) const ABSL_LOCKS_EXCLUDED(mutex_);
  static void Tell(const std::vector<WatchPtr>& watches,
                   const WatchedChange& change);

  store::CacheStore& store_;
  const size_t most_;
  telemetry::Counter& refused_;
  std::atomic<size_t> size_{0};
  mutable absl::Mutex mutex_;
  Cache::Ticket last_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<Cache::Ticket, WatchPtr> watches_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_WATCHES_H_
