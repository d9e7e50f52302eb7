// Who leaves when there is no room: one object for each shard of L1, and for
// each cache that is simulated.
#ifndef OUTRIGGER_CACHE_POLICY_POLICY_H_
#define OUTRIGGER_CACHE_POLICY_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "cache/entry.h"
#include "cache/options.h"
#include "cache/policy/node.h"

namespace outrigger::cache {

// What its entries may be at most, together; whichever bound is nearer holds.
struct Capacity {
  uint64_t weight = 0;
  uint64_t count = 0;
};

// What a policy asks about an entry; its answers do not change while the entry
// is in.
class NodeOwner {
 public:
  // > 0; in the unit of Capacity::weight.
  virtual uint64_t WeightOf(const Node& node) const = 0;
  virtual uint64_t HashOf(const Node& node) const = 0;
  // When it stops being fresh.
  virtual Tick ExpiryOf(const Node& node) const = 0;
  // The latest time that is known.
  virtual Tick Now() const = 0;

 protected:
  ~NodeOwner() = default;
};

// Not thread-safe. Owns no node. The order of calls for a new entry is OnMiss,
// then Evict as often as needed, then OnInsert. No call's cost grows with the
// number of nodes, taken over many calls.
class EvictionPolicy {
 public:
  virtual ~EvictionPolicy() = default;

  // Before Evict and OnInsert whenever it has changed.
  void SetCapacity(const Capacity& capacity) { capacity_ = capacity; }

  // A key that is not in will now be inserted.
  virtual void OnMiss(uint64_t /*hash*/) {}
  virtual void OnInsert(Node* node) = 0;
  virtual void OnHit(Node* node, uint64_t hash) = 0;
  // `fresh`, of the same key, takes the place of `old`.
  virtual void OnReplace(Node* old, Node* fresh) = 0;
  // It leaves for another reason than lack of room.
  virtual void OnRemove(Node* node) = 0;

  // Takes out the one that shall leave to make room for one of weight
  // `incoming`. Null: there is none.
  virtual Node* Evict(uint64_t incoming) = 0;
  // All have left.
  virtual void Clear() = 0;

  // Those that are most worth having first, as far as that is known, until
  // `visit` answers false.
  virtual void VisitHot(const std::function<bool(Node*)>& visit) const = 0;

  // Memory beside the nodes.
  virtual size_t bytes() const = 0;

 protected:
  // VisitHot looks at no more in vain: a lock is held meanwhile.
  static constexpr int kMostLookedAt = 10'000;

  explicit EvictionPolicy(const NodeOwner& owner) : owner_(owner) {}
  uint64_t WeightOf(const Node* node) const { return owner_.WeightOf(*node); }

  const NodeOwner& owner_;
  Capacity capacity_;
};

// `owner` must outlive it.
std::unique_ptr<EvictionPolicy> MakePolicy(Policy policy,
                                           const NodeOwner& owner);

// One for each; see Policy.
std::unique_ptr<EvictionPolicy> MakeLru(const NodeOwner& owner);
std::unique_ptr<EvictionPolicy> MakeLfu(const NodeOwner& owner);
std::unique_ptr<EvictionPolicy> MakeTtl(const NodeOwner& owner);
std::unique_ptr<EvictionPolicy> MakeS3Fifo(const NodeOwner& owner);
std::unique_ptr<EvictionPolicy> MakeTinyLfu(const NodeOwner& owner);

}  // namespace outrigger::cache

#endif  // OUTRIGGER_CACHE_POLICY_POLICY_H_
