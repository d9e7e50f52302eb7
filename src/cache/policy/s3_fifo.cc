// S3-FIFO: most keys are asked for once, and shall leave soon. They enter a
// small queue; who was read there goes on to the main one, who was not becomes
// a ghost, and enters the main one if it comes back in time. A read only counts
// in the entry itself. With the numbers of the authors' simulator: small 10 %,
// ghosts 90 %, two reads to go on, and none of them count there.
#include "cache/policy/history/ghost.h"
#include "cache/policy/policy.h"

namespace outrigger::cache {
namespace {

// Node::state: reads since it was queued, at most 3; and where it is.
constexpr uint16_t kReads = 3;
constexpr uint16_t kInMain = 4;
constexpr uint16_t kReadsToGoOn = 2;

constexpr double kSmallShare = 0.1;
constexpr double kGhostShare = 0.9;
// Small entries leave more ghosts in the same share; so much memory and no more
// goes with the entries there are.
constexpr uint64_t kGhostsPerEntry = 2;

uint64_t ShareOf(uint64_t all, double share) {
  return static_cast<uint64_t>(static_cast<double>(all) * share);
}

class S3Fifo final : public EvictionPolicy {
 public:
  explicit S3Fifo(const NodeOwner& owner) : EvictionPolicy(owner) {}

  void OnMiss(uint64_t hash) override { came_back_ = ghost_.Remove(hash); }

  void OnInsert(Node* node) override {
    node->set_state(came_back_ ? kInMain : 0);
    QueueOf(node).PushBack(node, WeightOf(node));
    came_back_ = false;
  }

  void OnHit(Node* node, uint64_t) override {
    const uint16_t state = node->state();
    // One that is read much is not written to any more.
    if ((state & kReads) < kReads) node->set_state(state + 1);
  }

  void OnReplace(Node* old, Node* fresh) override {
    fresh->set_state(old->state());
    QueueOf(old).Replace(old, WeightOf(old), fresh, WeightOf(fresh));
    OnHit(fresh, 0);
  }

  void OnRemove(Node* node) override {
    QueueOf(node).Remove(node, WeightOf(node));
  }

  Node* Evict(uint64_t) override {
    while (!small_.empty() || !main_.empty()) {
      Node* const victim =
          small_.empty() || MainIsOver() ? TurnMain() : TurnSmall();
      if (victim != nullptr) return victim;
    }
    return nullptr;
  }

  void Clear() override {
    small_ = {};
    main_ = {};
    ghost_.Clear();
    came_back_ = false;
  }

  void VisitHot(const std::function<bool(Node*)>& visit) const override {
    int left = kMostLookedAt;
    for (const NodeList* queue : {&main_, &small_}) {
      for (Node* node = queue->back(); node != nullptr; node = node->prev()) {
        if (--left == 0) return;
        if ((node->state() & kReads) != 0 && !visit(node)) return;
      }
    }
  }

  size_t bytes() const override { return ghost_.bytes(); }

 private:
  NodeList& QueueOf(const Node* node) {
    return (node->state() & kInMain) != 0 ? main_ : small_;
  }

  bool MainIsOver() const {
    const auto rest = [](uint64_t all) {
      return all - ShareOf(all, kSmallShare);
    };
    return main_.weight() > rest(capacity_.weight) ||
           main_.count() > rest(capacity_.count);
  }

  // The one at the front leaves, or goes round once more (null).
  Node* TurnMain() {
    Node* const node = main_.front();
    const uint16_t reads = node->state() & kReads;
    if (reads > 0) {
      node->set_state(kInMain | (reads - 1));
      main_.MoveToBack(node);
      return nullptr;
    }
    main_.Remove(node, WeightOf(node));
    return node;
  }

  // The one at the front leaves, or goes on to the main queue (null).
  Node* TurnSmall() {
    Node* const node = small_.front();
    const uint64_t weight = WeightOf(node);
    small_.Remove(node, weight);
    if ((node->state() & kReads) >= kReadsToGoOn) {
      node->set_state(kInMain);
      main_.PushBack(node, weight);
      return nullptr;
    }
    const uint64_t entries = small_.count() + main_.count() + 1;
    ghost_.Add(owner_.HashOf(*node), weight,
               {ShareOf(capacity_.weight, kGhostShare),
                ShareOf(capacity_.count, kGhostShare)},
               kGhostsPerEntry * entries);
    return node;
  }

  NodeList small_;
  NodeList main_;
  Ghost ghost_;
  // The key that will be inserted next was a ghost.
  bool came_back_ = false;
};

}  // namespace

std::unique_ptr<EvictionPolicy> MakeS3Fifo(const NodeOwner& owner) {
  return std::make_unique<S3Fifo>(owner);
}

}  // namespace outrigger::cache
