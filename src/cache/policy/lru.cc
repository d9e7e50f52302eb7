// The least recently read leaves.
#include "cache/policy/policy.h"

namespace outrigger::cache {
namespace {

class Lru final : public EvictionPolicy {
 public:
  explicit Lru(const NodeOwner& owner) : EvictionPolicy(owner) {}

  void OnInsert(Node* node) override { nodes_.PushBack(node, 0); }
  void OnHit(Node* node, uint64_t) override { nodes_.MoveToBack(node); }
  void OnReplace(Node* old, Node* fresh) override {
    nodes_.Replace(old, 0, fresh, 0);
    nodes_.MoveToBack(fresh);
  }
  void OnRemove(Node* node) override { nodes_.Remove(node, 0); }
  Node* Evict(uint64_t) override {
    Node* const victim = nodes_.front();
    if (victim != nullptr) nodes_.Remove(victim, 0);
    return victim;
  }
  void Clear() override { nodes_ = {}; }
  void VisitHot(const std::function<bool(Node*)>& visit) const override {
    for (Node* node = nodes_.back(); node != nullptr && visit(node);) {
      node = node->prev();
    }
  }
  size_t bytes() const override { return 0; }

 private:
  NodeList nodes_;  // the most recently read last
};

}  // namespace

std::unique_ptr<EvictionPolicy> MakeLru(const NodeOwner& owner) {
  return std::make_unique<Lru>(owner);
}

}  // namespace outrigger::cache
