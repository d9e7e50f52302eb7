#include "cache/simulate/simulation.h"

#include <deque>
#include <memory>

#include "cache/l1/index.h"

namespace outrigger::cache {
namespace {

// An entry without its value.
struct alignas(Node::kAlignment) SimulatedNode : Node {
  uint64_t key = 0;
  uint32_t size = 0;
  Tick expiry = 0;
};

SimulatedNode* Simulated(Node* node) {
  return static_cast<SimulatedNode*>(node);
}
const SimulatedNode& Simulated(const Node& node) {
  return static_cast<const SimulatedNode&>(node);
}

class SimulatedCache final : private NodeOwner {
 public:
  SimulatedCache(Policy policy, const Capacity& capacity)
      : capacity_(capacity), policy_(MakePolicy(policy, *this)) {
    policy_->SetCapacity(capacity);
  }

  // Whether it was a hit.
  bool Request(const TraceRequest& request) {
    ++now_;
    Node* const found = index_.Find(request.key, [&](Node* node) {
      return Simulated(node)->key == request.key;
    });
    if (found != nullptr) {
      policy_->OnHit(found, request.key);
      return true;
    }
    policy_->OnMiss(request.key);
    if (request.size <= capacity_.weight) Add(request);
    return false;
  }

 private:
  // Long enough for any trace, and short enough for ticks.
  static constexpr Tick kLife = 1u << 30;

  uint64_t WeightOf(const Node& node) const override {
    return Simulated(node).size;
  }
  uint64_t HashOf(const Node& node) const override {
    return Simulated(node).key;
  }
  Tick ExpiryOf(const Node& node) const override {
    return Simulated(node).expiry;
  }
  Tick Now() const override { return now_; }

  void Add(const TraceRequest& request) {
    while (weight_ + request.size > capacity_.weight ||
           index_.count() >= capacity_.count) {
      Node* const victim = policy_->Evict(request.size);
      if (victim == nullptr) return;
      index_.Erase(Simulated(victim)->key, victim);
      weight_ -= Simulated(victim)->size;
      free_.push_back(Simulated(victim));
    }
    SimulatedNode* const node = New();
    node->key = request.key;
    node->size = request.size;
    node->expiry = now_ + kLife;
    while (index_.full() || !index_.Insert(node->key, node)) {
      index_.Grow([](const Node* moved) { return Simulated(*moved).key; });
    }
    weight_ += request.size;
    policy_->OnInsert(node);
  }

  SimulatedNode* New() {
    if (free_.empty()) return &nodes_.emplace_back();
    SimulatedNode* const node = free_.back();
    free_.pop_back();
    return node;
  }

  const Capacity capacity_;
  const std::unique_ptr<EvictionPolicy> policy_;
  Index index_;
  std::deque<SimulatedNode> nodes_;
  std::vector<SimulatedNode*> free_;
  uint64_t weight_ = 0;
  Tick now_ = 0;
};

}  // namespace

SimulationResult Simulate(const std::vector<TraceRequest>& trace, Policy policy,
                          const Capacity& capacity) {
  SimulatedCache cache(policy, capacity);
  SimulationResult result;
  result.requests = trace.size();
  for (const TraceRequest& request : trace) {
    if (!cache.Request(request)) ++result.misses;
  }
  return result;
}

}  // namespace outrigger::cache
