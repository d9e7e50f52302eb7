// What an eviction policy keeps of an entry, inside the entry's own block: two
// links and a few bits, in 16 bytes.
#ifndef OUTRIGGER_CACHE_POLICY_NODE_H_
#define OUTRIGGER_CACHE_POLICY_NODE_H_

#include <cassert>
#include <cstddef>
#include <cstdint>

namespace outrigger::cache {

// The start of an entry. Lies at a multiple of 16 below 2^48 (as all memory of
// malloc does, where nobody asks the kernel for more), so that a link to it
// needs 44 bits. Guarded by whatever guards the policy.
class Node {
 public:
  Node* prev() const { return Unpack(prev_low_, high_ & kHighMask); }
  Node* next() const {
    return Unpack(next_low_, (high_ >> kHighBits) & kHighMask);
  }
  void set_prev(const Node* node) {
    const uint64_t link = Pack(node);
    prev_low_ = static_cast<uint32_t>(link);
    high_ = (high_ & ~kHighMask) | static_cast<uint32_t>(link >> 32);
  }
  void set_next(const Node* node) {
    const uint64_t link = Pack(node);
    next_low_ = static_cast<uint32_t>(link);
    high_ = (high_ & ~(kHighMask << kHighBits)) |
            static_cast<uint32_t>(link >> 32) << kHighBits;
  }

  // The policy's own bits.
  uint16_t state() const { return state_; }
  void set_state(uint16_t state) { state_ = state; }

  // Where it lies, in 44 bits.
  static uint64_t Pack(const Node* node) {
    const auto address = reinterpret_cast<uintptr_t>(node);
    assert(address % kAlignment == 0 && address >> 48 == 0);
    return address / kAlignment;
  }
  static Node* Unpack(uint64_t packed) {
    return reinterpret_cast<Node*>(packed * kAlignment);  // NOLINT
  }
  static constexpr size_t kAlignment = 16;
  static constexpr int kPackedBits = 44;

 protected:
  Node() = default;
  ~Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Not the policy's: the heir's, to fill the gap.
  uint16_t spare_ = 0;

 private:
  static constexpr int kHighBits = kPackedBits - 32;
  static constexpr uint32_t kHighMask = (1u << kHighBits) - 1;

  static Node* Unpack(uint32_t low, uint32_t high) {
    return Unpack(static_cast<uint64_t>(high) << 32 | low);
  }

  uint16_t state_ = 0;
  uint32_t prev_low_ = 0;
  uint32_t next_low_ = 0;
  uint32_t high_ = 0;  // of both links
};
static_assert(sizeof(Node) == 16);

// Nodes in an order, with what they weigh together. A node is in at most one
// list. Owns nothing.
class NodeList {
 public:
  bool empty() const { return front_ == nullptr; }
  Node* front() const { return front_; }
  Node* back() const { return back_; }
  uint64_t count() const { return count_; }
  uint64_t weight() const { return weight_; }

  void PushBack(Node* node, uint64_t weight) {
    node->set_prev(back_);
    node->set_next(nullptr);
    SetNext(back_, node);
    back_ = node;
    ++count_;
    weight_ += weight;
  }
  void Remove(Node* node, uint64_t weight) {
    SetNext(node->prev(), node->next());
    SetPrev(node->next(), node->prev());
    --count_;
    weight_ -= weight;
  }
  void MoveToBack(Node* node) {
    if (node == back_) return;
    Remove(node, 0);
    PushBack(node, 0);
  }
  // Puts `fresh` where `old` is.
  void Replace(Node* old, uint64_t old_weight, Node* fresh,
               uint64_t fresh_weight) {
    fresh->set_prev(old->prev());
    fresh->set_next(old->next());
    SetNext(old->prev(), fresh);
    SetPrev(old->next(), fresh);
    weight_ += fresh_weight - old_weight;
  }

 private:
  void SetNext(Node* node, Node* next) {
    node == nullptr ? void(front_ = next) : node->set_next(next);
  }
  void SetPrev(Node* node, Node* prev) {
    node == nullptr ? void(back_ = prev) : node->set_prev(prev);
  }

  Node* front_ = nullptr;
  Node* back_ = nullptr;
  uint64_t count_ = 0;
  uint64_t weight_ = 0;
};

}  // namespace outrigger::cache

#endif  // OUTRIGGER_CACHE_POLICY_NODE_H_
