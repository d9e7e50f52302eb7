// W-TinyLFU: new entries pass through a window (LRU). Who leaves it enters the
// main part only if it was asked for more often, lately, than the one that
// would leave for it. The main part is a segmented LRU: 80 % protected, for
// those that were read there. How large the window is, is tried out: it grows
// or shrinks as long as that makes hits (Einziger, Eytan, Friedman and Manes,
// "Adaptive Software Cache Management", Middleware 2018).
#include "cache/policy/history/sketch.h"
#include "cache/policy/policy.h"
#include "cache/policy/window_climber.h"

namespace outrigger::cache {
namespace {

// Node::state.
enum Region : uint16_t { kWindow, kProbation, kProtected };

constexpr double kProtectedShare = 0.8;  // of the main part
// One that was asked for so often and yet loses may be the victim of someone
// who knows which keys collide with it: now and then it wins.
constexpr uint64_t kOften = 6;
constexpr uint64_t kNowAndThen = 128;

class TinyLfu final : public EvictionPolicy {
 public:
  explicit TinyLfu(const NodeOwner& owner) : EvictionPolicy(owner) {}

  void OnMiss(uint64_t hash) override {
    sketch_.Increment(hash);
    climber_.OnRequest(false, Count());
    candidate_ = nullptr;
  }

  void OnInsert(Node* node) override {
    Push(kWindow, node);
    sketch_.Reserve(Count());
  }

  void OnHit(Node* node, uint64_t hash) override {
    sketch_.Increment(hash);
    climber_.OnRequest(true, Count());
    if (node->state() != kProbation) {
      return regions_[node->state()].MoveToBack(node);
    }
    Take(node);
    Push(kProtected, node);
    while (IsOver(kProtected, (1 - climber_.window()) * kProtectedShare, 0)) {
      Node* const demoted = regions_[kProtected].front();
      Take(demoted);
      Push(kProbation, demoted);
    }
  }

  void OnReplace(Node* old, Node* fresh) override {
    fresh->set_state(old->state());
    regions_[old->state()].Replace(old, WeightOf(old), fresh, WeightOf(fresh));
    if (candidate_ == old) candidate_ = nullptr;
    OnHit(fresh, owner_.HashOf(*fresh));
  }

  void OnRemove(Node* node) override { Take(node); }

  Node* Evict(uint64_t incoming) override {
    while (!regions_[kWindow].empty() &&
           IsOver(kWindow, climber_.window(), incoming)) {
      Node* const node = regions_[kWindow].front();
      Take(node);
      Push(kProbation, node);
      candidate_ = node;
    }
    Node* victim = Victim();
    if (victim == nullptr) return nullptr;
    if (candidate_ != nullptr && candidate_ != victim && !IsWorthMore(victim)) {
      victim = candidate_;
    }
    Take(victim);
    return victim;
  }

  void Clear() override {
    for (NodeList& region : regions_) region = {};
    sketch_.Clear();
    climber_ = WindowClimber();
    candidate_ = nullptr;
  }

  void VisitHot(const std::function<bool(Node*)>& visit) const override {
    for (const Region region : {kProtected, kWindow, kProbation}) {
      const NodeList& nodes = regions_[region];
      for (Node* node = nodes.back(); node != nullptr; node = node->prev()) {
        if (!visit(node)) return;
      }
    }
  }

  size_t bytes() const override { return sketch_.bytes(); }

 private:
  uint64_t Count() const {
    return regions_[kWindow].count() + regions_[kProbation].count() +
           regions_[kProtected].count();
  }

  uint64_t Weight() const {
    return regions_[kWindow].weight() + regions_[kProbation].weight() +
           regions_[kProtected].weight();
  }

  void Push(Region region, Node* node) {
    node->set_state(region);
    regions_[region].PushBack(node, WeightOf(node));
  }
  void Take(Node* node) {
    regions_[node->state()].Remove(node, WeightOf(node));
    if (candidate_ == node) candidate_ = nullptr;
  }

  // Has more than its share, with one more of weight `incoming` (0: none more).
  bool IsOver(Region region, double share, uint64_t incoming) const {
    const NodeList& nodes = regions_[region];
    const auto part = [share](uint64_t all) {
      return static_cast<uint64_t>(static_cast<double>(all) * share);
    };
    return nodes.weight() + incoming > part(capacity_.weight) ||
           nodes.count() + (incoming > 0 ? 1 : 0) > part(capacity_.count);
  }

  Node* Victim() const {
    for (const Region region : {kProbation, kProtected, kWindow}) {
      if (!regions_[region].empty()) return regions_[region].front();
    }
    return nullptr;
  }

  // Whether the candidate makes more hits than the victim: for each byte if
  // bytes are what is short.
  bool IsWorthMore(const Node* victim) {
    const uint64_t often = Often(candidate_);
    const bool by_weight = static_cast<double>(Weight()) * capacity_.count >
                           static_cast<double>(Count()) * capacity_.weight;
    const uint64_t ours = by_weight ? often * WeightOf(victim) : often;
    const uint64_t theirs =
        by_weight ? Often(victim) * WeightOf(candidate_) : Often(victim);
    if (ours > theirs) return true;
    if (often < kOften) return false;
    random_ = random_ * 6364136223846793005 + 1442695040888963407;
    return (random_ >> 33) % kNowAndThen == 0;
  }
  uint64_t Often(const Node* node) const {
    return sketch_.Estimate(owner_.HashOf(*node));
  }

  NodeList regions_[3];
  Sketch sketch_;
  WindowClimber climber_;
  // Came from the window since the last miss, and was not judged yet.
  Node* candidate_ = nullptr;
  uint64_t random_ = 1;
};

}  // namespace

std::unique_ptr<EvictionPolicy> MakeTinyLfu(const NodeOwner& owner) {
  return std::make_unique<TinyLfu>(owner);
}

}  // namespace outrigger::cache
