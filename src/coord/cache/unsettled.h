// Keys of which this pod knows something that the fleet's store does not: a
// write-behind that waits, or an invalidation that could not be told yet. What
// the store says of them is not coherent.
#ifndef OUTRIGGER_COORD_CACHE_UNSETTLED_H_
#define OUTRIGGER_COORD_CACHE_UNSETTLED_H_

#include <atomic>
#include <cstddef>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "store/cache_store.h"

namespace outrigger::coord {

// Counts reasons. Thread-safe; costs a load while there are none.
class Unsettled {
 public:
  // An empty key stands for all keys of the namespace.
  void Add(const store::CacheKey& key) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    ++reasons_[key];
    size_.store(reasons_.size(), std::memory_order_release);
  }
  void Remove(const store::CacheKey& key) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    const auto found = reasons_.find(key);
    if (found == reasons_.end() || --found->second > 0) return;
    reasons_.erase(found);
    size_.store(reasons_.size(), std::memory_order_release);
  }
  bool Has(const store::CacheKey& key) const ABSL_LOCKS_EXCLUDED(mutex_) {
    if (size_.load(std::memory_order_acquire) == 0) return false;
    absl::ReaderMutexLock lock(&mutex_);
    return reasons_.contains(key) ||
           reasons_.contains(store::CacheKey{key.ns, ""});
  }

 private:
  std::atomic<size_t> size_{0};
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<store::CacheKey, int> reasons_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_UNSETTLED_H_
