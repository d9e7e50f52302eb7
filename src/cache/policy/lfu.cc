// The least often read leaves; of those, the one that has been read so often
// for the longest time. Shah, Mitra and Matani, "An O(1) algorithm for
// implementing the LFU cache eviction scheme", 2010: a list for each number of
// reads, those lists in order.
#include <limits>

#include "absl/container/flat_hash_map.h"
#include "cache/policy/policy.h"

namespace outrigger::cache {
namespace {

// How often a node was read, insertion included. Node::state; more than this is
// as much as this.
using Reads = uint16_t;
constexpr Reads kMost = std::numeric_limits<Reads>::max();

class Lfu final : public EvictionPolicy {
 public:
  explicit Lfu(const NodeOwner& owner) : EvictionPolicy(owner) {}

  void OnInsert(Node* node) override { Put(node, 1, 0); }

  void OnHit(Node* node, uint64_t) override {
    const Reads reads = node->state();
    Group& group = groups_[reads];
    if (reads == kMost) return group.nodes.MoveToBack(node);
    group.nodes.Remove(node, 0);
    Put(node, reads + 1, reads);
    DropIfEmpty(reads);
  }

  void OnReplace(Node* old, Node* fresh) override {
    fresh->set_state(old->state());
    groups_[old->state()].nodes.Replace(old, 0, fresh, 0);
    OnHit(fresh, 0);
  }

  void OnRemove(Node* node) override {
    const Reads reads = node->state();
    groups_[reads].nodes.Remove(node, 0);
    DropIfEmpty(reads);
  }

  Node* Evict(uint64_t) override {
    const Reads least = groups_[0].more;
    if (least == 0) return nullptr;
    Node* const victim = groups_[least].nodes.front();
    OnRemove(victim);
    return victim;
  }

  void Clear() override { groups_ = {}; }

  void VisitHot(const std::function<bool(Node*)>& visit) const override {
    if (groups_.empty()) return;
    for (Reads reads = groups_.at(0).less; reads != 0;) {
      const Group& group = groups_.at(reads);
      for (Node* n = group.nodes.back(); n != nullptr; n = n->prev()) {
        if (!visit(n)) return;
      }
      reads = group.less;
    }
  }

  size_t bytes() const override {
    return groups_.capacity() * (sizeof(Group) + sizeof(Reads) + 1);
  }

 private:
  // The group of 0 reads has no nodes, and closes the circle.
  struct Group {
    NodeList nodes;
    Reads less = 0;  // the groups before and after it
    Reads more = 0;
  };

  // `less`: the group that is or would be before that of `reads`.
  void Put(Node* node, Reads reads, Reads less) {
    node->set_state(reads);
    const Reads more = groups_[less].more;
    Group& group = groups_[reads];
    group.nodes.PushBack(node, 0);
    if (more == reads) return;
    group.less = less;
    group.more = more;
    groups_[less].more = reads;
    groups_[more].less = reads;
  }

  void DropIfEmpty(Reads reads) {
    const Group group = groups_[reads];
    if (!group.nodes.empty()) return;
    groups_[group.less].more = group.more;
    groups_[group.more].less = group.less;
    groups_.erase(reads);
  }

  absl::flat_hash_map<Reads, Group> groups_;
};

}  // namespace

std::unique_ptr<EvictionPolicy> MakeLfu(const NodeOwner& owner) {
  return std::make_unique<Lfu>(owner);
}

}  // namespace outrigger::cache
