// The one that stops being fresh first leaves. Kept in buckets of time, as in a
// timing wheel, but nobody is ever moved from a coarse bucket to a finer one: a
// bucket is as wide as 1/64 to 1/32 of the time that its entries had left when
// they came in, and within it the first that came leaves first. Entries of one
// namespace live about equally long, so that is nearly their order.
#include <algorithm>
#include <array>
#include <memory>

#include "cache/policy/policy.h"

namespace outrigger::cache {
namespace {

// The buckets of the entries that had from 2^n to 2^(n+1) ticks left when they
// came, for one n.
class Era {
 public:
  // Buckets are numbered by time; the numbers wrap around with it.
  static constexpr uint32_t kBuckets = 64;  // numbers that it can tell apart

  explicit Era(int shift) : shift_(shift) {}

  // Answers the bucket, for Remove and Replace.
  uint32_t Add(Node* node, Tick expiry) {
    const uint32_t number = expiry >> shift_;
    if (count_ == 0) {
      first_ = number;
      span_ = 0;
    }
    const int32_t after =
        static_cast<int32_t>((number - first_) << shift_) >> shift_;
    if (after < 0) {
      // Earlier than all. Where there is no room, into the first one.
      const uint32_t back =
          std::min(static_cast<uint32_t>(-after), kBuckets - 1 - span_);
      first_ -= back;
      span_ += back;
    }
    // Later than there is room for, which happens only if the first ones are
    // long expired: into the last one.
    const uint32_t place =
        std::min(static_cast<uint32_t>(std::max(after, 0)), kBuckets - 1);
    span_ = std::max(span_, place);
    const uint32_t bucket = (first_ + place) % kBuckets;
    buckets_[bucket].PushBack(node, 0);
    ++count_;
    return bucket;
  }
  void Remove(Node* node, uint32_t bucket) {
    buckets_[bucket].Remove(node, 0);
    --count_;
  }
  bool empty() const { return count_ == 0; }

  // REQUIRES for these: !empty().
  Node* First() {
    for (; buckets_[first_ % kBuckets].empty(); --span_) ++first_;
    return buckets_[first_ % kBuckets].front();
  }
  // About when the first one expires: the middle of its bucket.
  Tick FirstExpiry() {
    First();
    return (first_ << shift_) + ((1u << shift_) >> 1);
  }
  template <typename Visit>
  bool VisitLastFirst(const Visit& visit) const {
    for (uint32_t i = span_ + 1; i-- > 0;) {
      const NodeList& bucket = buckets_[(first_ + i) % kBuckets];
      for (Node* n = bucket.back(); n != nullptr; n = n->prev()) {
        if (!visit(n)) return false;
      }
    }
    return true;
  }

 private:
  const int shift_;
  uint32_t first_ = 0;  // none before it has nodes
  uint32_t span_ = 0;   // none so much after it, or more, has
  uint64_t count_ = 0;
  std::array<NodeList, kBuckets> buckets_;
};

// Node::state: the bucket, and above it the era.
constexpr int kBucketBits = 6;
static_assert(Era::kBuckets == 1 << kBucketBits);
// Bits of the time left that tell buckets apart; an era has twice as many, for
// who came earlier.
constexpr int kPrecisionBits = 5;
constexpr int kEras = 32 - kPrecisionBits;

class Ttl final : public EvictionPolicy {
 public:
  explicit Ttl(const NodeOwner& owner) : EvictionPolicy(owner) {}

  void OnInsert(Node* node) override {
    const Tick expiry = owner_.ExpiryOf(*node);
    const uint32_t left =
        IsBefore(owner_.Now(), expiry) ? expiry - owner_.Now() : 1;
    const int shift = std::max(31 - __builtin_clz(left) - kPrecisionBits, 0);
    std::unique_ptr<Era>& era = eras_[shift];
    if (era == nullptr) era = std::make_unique<Era>(shift);
    const uint32_t bucket = era->Add(node, expiry);
    node->set_state(static_cast<uint16_t>(shift << kBucketBits | bucket));
  }
  void OnHit(Node*, uint64_t) override {}
  void OnReplace(Node* old, Node* fresh) override {
    OnRemove(old);
    OnInsert(fresh);
  }
  void OnRemove(Node* node) override {
    std::unique_ptr<Era>& era = eras_[node->state() >> kBucketBits];
    era->Remove(node, node->state() % Era::kBuckets);
    if (era->empty()) era = nullptr;
  }

  Node* Evict(uint64_t) override {
    Era* earliest = nullptr;
    for (const std::unique_ptr<Era>& era : eras_) {
      if (era == nullptr) continue;
      if (earliest == nullptr ||
          IsBefore(era->FirstExpiry(), earliest->FirstExpiry())) {
        earliest = era.get();
      }
    }
    if (earliest == nullptr) return nullptr;
    Node* const victim = earliest->First();
    OnRemove(victim);
    return victim;
  }

  void Clear() override { eras_ = {}; }

  void VisitHot(const std::function<bool(Node*)>& visit) const override {
    // Reads leave no trace: those that stay longest.
    for (int i = kEras; i-- > 0;) {
      if (eras_[i] != nullptr && !eras_[i]->VisitLastFirst(visit)) return;
    }
  }

  size_t bytes() const override {
    size_t bytes = 0;
    for (const auto& era : eras_) bytes += era == nullptr ? 0 : sizeof(Era);
    return bytes;
  }

 private:
  std::array<std::unique_ptr<Era>, kEras> eras_;
};

}  // namespace

std::unique_ptr<EvictionPolicy> MakeTtl(const NodeOwner& owner) {
  return std::make_unique<Ttl>(owner);
}

}  // namespace outrigger::cache
