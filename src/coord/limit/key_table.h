// This pod's state of every key that it was asked about: 64 bytes each, in
// shards with a lock each.
#ifndef OUTRIGGER_COORD_LIMIT_KEY_TABLE_H_
#define OUTRIGGER_COORD_LIMIT_KEY_TABLE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "coord/limit/held_lease.h"
#include "coord/limit/key_hash.h"
#include "limit/adaptive.h"
#include "limit/limit_config.h"
#include "limit/token_bucket.h"
#include "limit/windows.h"

namespace outrigger::coord {

class Question;

// What only a busy key needs, or one whose algorithm keeps more than a number.
struct BusyKey {
  // The bucket's name in the fleet's store, and its shape at the last use.
  std::string name;
  limit::Shape shape;
  limit::AdaptiveShape adaptive;

  HeldLease lease;
  // What the lease should last for: the size of the last request for it.
  double wanted = 0;
  // A request for a lease is under way, for these questions.
  bool asking = false;
  std::vector<std::shared_ptr<Question>> asked_for;
  // The latest word of the store, for answers: others' tokens, and when full.
  double available = 0;
  int64_t full_at_us = 0;

  // Local state of the algorithms that do not fit into KeyState.
  limit::SlidingWindow sliding;
  limit::AdaptiveRate rate;
};

// One key, in one cache line. Locked by its shard.
struct alignas(64) KeyState {
  // What this pod decides by itself, by the limit's algorithm (a key has only
  // one, see HashKey): local limits their bucket or window, leased and exact
  // ones their share of it while the store is lost.
  union Own {
    Own() : bucket() {}
    limit::TokenBucket bucket;
    limit::FixedWindow window;
  };

  KeyHash hash;
  Own own;
  // `closed`: the store has said that `closed_cost` tokens or more cannot be
  // had before this. Else, for local decisions: when the key is as good as new.
  int64_t until_us = 0;
  std::unique_ptr<BusyKey> busy;
  uint32_t used_ms = 0;    // of the pod's time; wraps
  float demand_per_s = 0;  // tokens asked for, averaged over kDemandSpanS
  float closed_cost = 0;
  uint16_t limit_id = 0;
  bool used : 1 = false;  // the slot holds a key
  bool closed : 1 = false;
  bool has_own : 1 = false;  // `own` is in use
};
static_assert(sizeof(KeyState) == 64);

class KeyTable {
  struct Shard;

 public:
  // `max_keys` in all.
  explicit KeyTable(size_t max_keys);
  KeyTable(const KeyTable&) = delete;
  KeyTable& operator=(const KeyTable&) = delete;

  // A locked key. Holds the shard's lock while it lives, so keep it short, and
  // hold only one.
  class ABSL_SCOPED_LOCKABLE Locked {
   public:
    // Finds the key, or adds it. `state()` is null if the table is full.
    Locked(KeyTable& table, const KeyHash& hash,
           uint16_t limit_id) ABSL_NO_THREAD_SAFETY_ANALYSIS;
    ~Locked() ABSL_NO_THREAD_SAFETY_ANALYSIS;
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;

    KeyState* state() const { return state_; }
    // The key's busy part, made if it has none.
    BusyKey& Busy();

   private:
    KeyTable& table_;
    Shard& shard_;
    KeyState* state_ = nullptr;
    uint32_t slot_ = 0;
  };

  size_t size() const { return size_.load(std::memory_order_relaxed); }

  // Busy keys.
  size_t busy() const { return busy_.load(std::memory_order_relaxed); }

  // Shows up to `count` busy keys of a shard to `visit`, from where the last
  // call ended, under its lock; a key whose visit returns true is not busy any
  // more.
  void VisitBusy(size_t shard, size_t count,
                 absl::FunctionRef<bool(KeyState&)> visit);

  // Shows up to `count` keys of a shard, from where the last call ended, to
  // `droppable`, and drops those for which it returns true.
  void Sweep(size_t shard, size_t count,
             absl::FunctionRef<bool(const KeyState&)> droppable);

  static constexpr size_t kShards = 64;

 private:
  static constexpr uint32_t kChunk = 256;

  struct Hash {
    using is_transparent = void;
    const Shard* shard;
    size_t operator()(uint32_t slot) const;
    size_t operator()(const KeyHash& hash) const { return hash.low; }
  };
  struct Equal {
    using is_transparent = void;
    const Shard* shard;
    bool operator()(uint32_t a, uint32_t b) const { return a == b; }
    bool operator()(uint32_t a, const KeyHash& b) const;
    bool operator()(const KeyHash& a, uint32_t b) const {
      return (*this)(b, a);
    }
  };
  struct alignas(64) Shard {
    Shard();
    KeyState& at(uint32_t slot) const {
      return chunks[slot / kChunk][slot % kChunk];
    }
    // The slot of a new key.
    uint32_t Allocate() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);

    absl::Mutex mutex;
    absl::flat_hash_set<uint32_t, Hash, Equal> index ABSL_GUARDED_BY(mutex);
    std::vector<std::unique_ptr<KeyState[]>> chunks;
    std::vector<uint32_t> free ABSL_GUARDED_BY(mutex);
    std::vector<uint32_t> busy ABSL_GUARDED_BY(mutex);
    uint32_t slots = 0;       // in use or free, of all chunks
    uint32_t sweep_from = 0;  // where the next Sweep goes on
    size_t visit_from = 0;    // where the next VisitBusy goes on
  };

  Shard& ShardOf(const KeyHash& hash) { return shards_[hash.high % kShards]; }

  const size_t max_keys_;
  std::atomic<size_t> size_{0};
  std::atomic<size_t> busy_{0};
  std::array<Shard, kShards> shards_;
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_LIMIT_KEY_TABLE_H_
