// Write-behind of one namespace that waits in this pod, while the store is out
// of reach.
#ifndef OUTRIGGER_COORD_CACHE_PENDING_WRITES_H_
#define OUTRIGGER_COORD_CACHE_PENDING_WRITES_H_

#include <cstddef>
#include <deque>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "store/cache_store.h"

namespace outrigger::coord {

// A write on its way to the store and then to the journal.
struct PendingWrite {
  store::WriteRequest request;
  store::JournalEntry entry;
  // It is in the store, as entry.version; only the journal has not got it.
  bool written = false;
};

// Sends them one after another, in the order in which they came. Thread-safe.
class PendingWrites {
 public:
  // At most `most` wait. `store` must outlive it, and answer before it goes.
  PendingWrites(store::CacheStore& store, std::string ns, size_t most)
      : store_(store), ns_(std::move(ns)), most_(most) {}

  // False: there are too many, nothing was done.
  bool Add(PendingWrite write) ABSL_LOCKS_EXCLUDED(mutex_);
  // Sends what waits, until it is done or the store fails.
  void Flush() ABSL_LOCKS_EXCLUDED(mutex_);
  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void SendFront();
  void AppendFront(uint64_t version);
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  store::CacheStore& store_;
  const std::string ns_;
  const size_t most_;
  mutable absl::Mutex mutex_;
  bool sending_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<PendingWrite> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_PENDING_WRITES_H_
