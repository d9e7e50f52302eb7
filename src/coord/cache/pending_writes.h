// Writes of one namespace that wait in this pod: write-behind that the store,
// or its journal, could not take.
#ifndef OUTRIGGER_COORD_CACHE_PENDING_WRITES_H_
#define OUTRIGGER_COORD_CACHE_PENDING_WRITES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "coord/cache/unsettled.h"
#include "store/cache_store.h"

namespace outrigger::coord {

// A write on its way to the store, and then to the journal.
struct PendingWrite {
  store::WriteRequest request;
  // For the journal; its value is the record's.
  bool journal = true;
  // Not 0: the store has it, as this version, or need not have it any more.
  uint64_t version = 0;
};

// Sends them one after another, in the order in which they came. Thread-safe.
class PendingWrites {
 public:
  // Of all records that wait, in bytes.
  static constexpr size_t kMaxBytes = 64 << 20;

  // At most `most` wait. References must outlive it; the store answers before
  // it goes.
  PendingWrites(store::CacheStore& store, Unsettled& unsettled, std::string ns,
                size_t most)
      : store_(store), unsettled_(unsettled), ns_(std::move(ns)), most_(most) {}

  // False: there are too many, or too large ones; nothing was done.
  bool Add(PendingWrite write) ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether one for the key waits.
  bool Has(const std::string& key) const ABSL_LOCKS_EXCLUDED(mutex_);
  // The key was removed, at `version`: what waits for it goes to the journal
  // only.
  void Supersede(const std::string& key, uint64_t version)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Sends what waits, until it is done or the store fails; then runs `done`.
  void Flush(absl::AnyInvocable<void()> done) ABSL_LOCKS_EXCLUDED(mutex_);
  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Pump() ABSL_LOCKS_EXCLUDED(mutex_);
  // One message for the front; false if there is nothing to send, or it failed.
  void SendFront();
  void OnSent(bool ok) ABSL_LOCKS_EXCLUDED(mutex_);
  void DropFront() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  store::CacheStore& store_;
  Unsettled& unsettled_;
  const std::string ns_;
  const size_t most_;
  mutable absl::Mutex mutex_;
  bool sending_ ABSL_GUARDED_BY(mutex_) = false;
  bool pumping_ ABSL_GUARDED_BY(mutex_) = false;  // Pump's loop runs
  bool ready_ ABSL_GUARDED_BY(mutex_) = false;    // it may send the next
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<PendingWrite> waiting_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, int> keys_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::AnyInvocable<void()>> done_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_PENDING_WRITES_H_
