// The pod's own copies of one namespace: sharded, bounded, evicting.
#ifndef OUTRIGGER_CACHE_L1_H_
#define OUTRIGGER_CACHE_L1_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "cache/entry.h"
#include "cache/options.h"

namespace outrigger::cache {

class L1Shard;

struct L1Options {
  Policy policy = Policy::kS3Fifo;
  // Of entries and all bookkeeping (index, policy's memory); > 0.
  size_t max_bytes = 64 << 20;
  // >= 1.
  size_t max_entries = 1'000'000;
  // A power of two. 0: as many as suit the size: one for each 16 MiB and each
  // 4,096 entries, at most 64, since dividing a small cache costs hits, and a
  // value must fit in its shard.
  size_t shards = 0;
};

struct L1Stats {
  uint64_t entries = 0;
  // Bookkeeping included.
  uint64_t bytes = 0;
  uint64_t evicted = 0;    // since the start, for lack of room
  uint64_t expired = 0;    // … by Find or Sweep
  uint64_t too_large = 0;  // never entered: larger than a shard may hold
};

// Thread-safe. No operation's cost grows with the number of entries, but for an
// index that grows, and Clear.
class L1 {
 public:
  explicit L1(const L1Options& options);
  ~L1();

  L1(const L1&) = delete;
  L1& operator=(const L1&) = delete;

  // Of any key; the same for a key on every L1 of this process.
  static uint64_t Hash(absl::string_view key);

  // The entry, fresh or stale, and an access to it in the eyes of the policy;
  // null: none, or dead at `now`. `hash` is Hash(key), everywhere.
  EntryRef Find(absl::string_view key, uint64_t hash, Tick now);

  // Takes the entry in, in place of one with its key unless that has a higher
  // version; then, or if it is too large, false. An entry is in at most one L1,
  // once.
  bool Insert(EntryRef entry, uint64_t hash);

  // False: there was none.
  bool Erase(absl::string_view key, uint64_t hash);
  // Only if it is this very entry.
  bool EraseIf(const Entry& entry, uint64_t hash);
  void Clear();

  // Looks at `slots` places of the index, going round, and drops what is dead.
  // Holds a shard's lock for at most 256 of them at a time. Answers how many
  // places all shards have.
  size_t Sweep(Tick now, size_t slots);

  // Calls `visit` for at most `most` entries that were read lately, from all
  // shards in turn; for hot-key lists.
  void VisitHot(size_t most, const std::function<void(const Entry&)>& visit);

  L1Stats Stats() const;

 private:
  L1Shard& ShardOf(uint64_t hash) const;

  std::vector<std::unique_ptr<L1Shard>> shards_;  // a power of two of them

  absl::Mutex sweep_mutex_;
  size_t sweep_shard_ ABSL_GUARDED_BY(sweep_mutex_) = 0;
  size_t sweep_place_ ABSL_GUARDED_BY(sweep_mutex_) = 0;
};

}  // namespace outrigger::cache

#endif  // OUTRIGGER_CACHE_L1_H_
