// A part of L1 under a lock of its own: the keys whose hashes fall to it.
#ifndef OUTRIGGER_CACHE_L1_SHARD_H_
#define OUTRIGGER_CACHE_L1_SHARD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "base/short_lock.h"
#include "cache/entry.h"
#include "cache/l1.h"
#include "cache/l1/index.h"
#include "cache/policy/policy.h"

namespace outrigger::cache {

// Thread-safe. Methods as L1's. The lock is never held while an entry is freed.
class alignas(128) L1Shard final : private NodeOwner {
 public:
  L1Shard(Policy policy, const Capacity& most);
  ~L1Shard();

  EntryRef Find(absl::string_view key, uint64_t hash, Tick now)
      ABSL_LOCKS_EXCLUDED(lock_);
  bool Insert(EntryRef entry, uint64_t hash) ABSL_LOCKS_EXCLUDED(lock_);
  bool Erase(absl::string_view key, uint64_t hash) ABSL_LOCKS_EXCLUDED(lock_);
  bool EraseIf(const Entry& entry, uint64_t hash) ABSL_LOCKS_EXCLUDED(lock_);
  void Clear() ABSL_LOCKS_EXCLUDED(lock_);

  // Looks at `places` of the index from *place on, which is moved on; 0: it was
  // the end. Answers how far it was moved: less far if some were dropped.
  size_t Sweep(Tick now, size_t places, size_t* place)
      ABSL_LOCKS_EXCLUDED(lock_);
  size_t places() const ABSL_LOCKS_EXCLUDED(lock_);

  // The most valuable, the best first.
  std::vector<EntryRef> Hot(size_t most) const ABSL_LOCKS_EXCLUDED(lock_);

  void AddTo(L1Stats* stats) const ABSL_LOCKS_EXCLUDED(lock_);

 private:
  class Dropped;

  uint64_t WeightOf(const Node& node) const override;
  uint64_t HashOf(const Node& node) const override;
  Tick ExpiryOf(const Node& node) const override;
  Tick Now() const override ABSL_NO_THREAD_SAFETY_ANALYSIS { return now_; }

  Entry* Lookup(absl::string_view key, uint64_t hash) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void Remove(Entry* entry, uint64_t hash, Dropped* dropped)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  bool Replace(Entry* old, EntryRef fresh, uint64_t hash, Dropped* dropped)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  bool Add(EntryRef entry, uint64_t hash, Dropped* dropped)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  // Lets entries go until there is room for one more of this weight; 0: for
  // none more. False: there cannot be.
  bool MakeRoom(uint64_t incoming, Dropped* dropped)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  bool HasRoom(uint64_t incoming) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  uint64_t Overhead() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_) {
    return index_.bytes() + policy_->bytes();
  }

  const Capacity most_;

  mutable ShortLock lock_;
  Index index_ ABSL_GUARDED_BY(lock_);
  const std::unique_ptr<EvictionPolicy> policy_ ABSL_PT_GUARDED_BY(lock_);
  uint64_t entry_bytes_ ABSL_GUARDED_BY(lock_) = 0;
  Tick now_ ABSL_GUARDED_BY(lock_) = 0;
  uint64_t evicted_ ABSL_GUARDED_BY(lock_) = 0;
  uint64_t expired_ ABSL_GUARDED_BY(lock_) = 0;
  uint64_t too_large_ ABSL_GUARDED_BY(lock_) = 0;
};

}  // namespace outrigger::cache

#endif  // OUTRIGGER_CACHE_L1_SHARD_H_
