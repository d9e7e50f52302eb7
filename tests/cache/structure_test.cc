// What L1 and its policies are made of, beside plain models of the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "cache/l1/index.h"
#include "cache/policy/history/ghost.h"
#include "cache/policy/history/sketch.h"

namespace outrigger::cache {
namespace {

constexpr uint64_t kSpread = 0x9E3779B97F4A7C15;

struct alignas(Node::kAlignment) HashedNode : Node {
  HashedNode() = default;
  uint64_t hash = 0;
};
HashedNode* Hashed(Node* node) { return static_cast<HashedNode*>(node); }
uint64_t HashOf(const Node* node) {
  return static_cast<const HashedNode*>(node)->hash;
}

class IndexTest : public testing::Test {
 protected:
  void Insert(uint64_t hash) {
    auto node = std::make_unique<HashedNode>();
    node->hash = hash;
    while (index_.full() || !index_.Insert(hash, node.get())) {
      index_.Grow(HashOf);
    }
    nodes_[hash] = std::move(node);
  }
  void Erase(uint64_t hash) {
    index_.Erase(hash, nodes_[hash].get());
    nodes_.erase(hash);
  }
  Node* Find(uint64_t hash) {
    return index_.Find(hash,
                       [&](Node* node) { return Hashed(node)->hash == hash; });
  }

  Index index_;
  std::map<uint64_t, std::unique_ptr<HashedNode>> nodes_;
};

TEST_F(IndexTest, FindsWhatIsInAndNothingElse) {
  std::mt19937_64 random(1);
  EXPECT_EQ(Find(7), nullptr);
  for (int i = 0; i < 200'000; ++i) {
    const uint64_t hash = (random() % 5000) * kSpread;
    const auto known = nodes_.find(hash);
    ASSERT_EQ(Find(hash),
              known == nodes_.end() ? nullptr : known->second.get());
    // Grows for a while, then shrinks, and again.
    if (known == nodes_.end() && i % 50'000 < 30'000) Insert(hash);
    if (known != nodes_.end() && (i % 50'000 > 20'000)) Erase(hash);
    ASSERT_EQ(index_.count(), nodes_.size());
  }
  size_t seen = 0;
  for (size_t at = 0; at < index_.places(); ++at) {
    seen += index_.At(at) == nullptr ? 0 : 1;
  }
  EXPECT_EQ(seen, nodes_.size());
}

TEST_F(IndexTest, TakesTenBytesANode) {
  for (uint64_t i = 1; i <= 100'000; ++i) {
    Insert(i * kSpread);
    ASSERT_LE(index_.bytes(), 300 + 10.2 * static_cast<double>(i));
  }
}

TEST_F(IndexTest, ACrowdOfLikeHashesIsHeld) {
  // Neighbours even in a table of a billion; more than 254 would be too many.
  for (uint64_t i = 0; i < 200; ++i) Insert((i << 20) | i);
  for (uint64_t i = 0; i < 200; ++i) ASSERT_NE(Find((i << 20) | i), nullptr);
  for (uint64_t i = 0; i < 200; i += 2) Erase((i << 20) | i);
  for (uint64_t i = 0; i < 200; ++i) {
    ASSERT_EQ(Find((i << 20) | i) != nullptr, i % 2 == 1) << i;
  }
}

TEST_F(IndexTest, ANodeTakesThePlaceOfAnother) {
  for (uint64_t i = 1; i <= 100; ++i) Insert(i * kSpread);
  HashedNode fresh;
  fresh.hash = 50 * kSpread;
  index_.Replace(fresh.hash, nodes_[fresh.hash].get(), &fresh);
  EXPECT_EQ(Find(fresh.hash), &fresh);
  EXPECT_EQ(index_.count(), 100u);
}

// The same as Ghost, plainly.
class PlainGhost {
 public:
  void Add(uint64_t hash, uint64_t weight, const Capacity& most) {
    while (weight_ + weight > most.weight || queue_.size() >= most.count) {
      weight_ -= queue_.front().second;
      queue_.pop_front();
    }
    queue_.emplace_back(hash, weight);
    weight_ += weight;
  }
  bool Remove(uint64_t hash) {
    for (auto it = queue_.begin(); it != queue_.end(); ++it) {
      if (it->first != hash) continue;
      weight_ -= it->second;
      queue_.erase(it);
      return true;
    }
    return false;
  }
  uint64_t count() const { return queue_.size(); }
  uint64_t weight() const { return weight_; }

 private:
  std::deque<std::pair<uint64_t, uint64_t>> queue_;
  uint64_t weight_ = 0;
};

TEST(GhostTest, IsFirstInFirstOutWithRemovals) {
  std::mt19937_64 random(2);
  Ghost ghost;
  PlainGhost plain;
  for (int i = 0; i < 100'000; ++i) {
    const uint64_t hash = (1 + random() % 1000) * kSpread;
    const Capacity most = {100'000 + random() % 2, 300 + random() % 2};
    const bool there = plain.Remove(hash);
    ASSERT_EQ(ghost.Remove(hash), there);
    if (!there) {
      const uint64_t weight = 1 + random() % 1000;
      ghost.Add(hash, weight, most, 100'000);
      plain.Add(hash, weight, most);
    }
    ASSERT_EQ(ghost.count(), plain.count());
    ASSERT_EQ(ghost.weight(), plain.weight());
  }
}

TEST(GhostTest, KeepsItsBoundsAndTakesElevenBytesAKey) {
  constexpr uint64_t kKeys = 50'000;
  Ghost ghost;
  // Far enough for positions to begin anew, which they do after 2^24.
  for (uint64_t i = 1; i <= 17'000'000; ++i) {
    ghost.Add(i * kSpread, 512, {kKeys * 512 * 2, kKeys}, 2 * kKeys);
  }
  EXPECT_EQ(ghost.count(), kKeys);
  EXPECT_EQ(ghost.weight(), kKeys * 512);
  EXPECT_LE(ghost.bytes(), 11 * kKeys);
  EXPECT_TRUE(ghost.Remove(17'000'000 * kSpread));
  EXPECT_TRUE(ghost.Remove((17'000'000 - kKeys + 1) * kSpread));
  EXPECT_FALSE(ghost.Remove((17'000'000 - kKeys) * kSpread));
}

TEST(GhostTest, HolesDoNotLetItGrow) {
  Ghost ghost;
  ghost.Add(1 * kSpread, 1, {1000, 1000}, 200);
  // All others come back at once, so the first one stays the oldest.
  for (uint64_t i = 2; i < 100'000; ++i) {
    ghost.Add(i * kSpread, 1, {1000, 1000}, 200);
    ASSERT_TRUE(ghost.Remove(i * kSpread));
    ASSERT_LE(ghost.bytes(), 4096u);
  }
}

TEST(GhostTest, WeightsAreKeptToOnePartInFourThousand) {
  for (const uint64_t weight :
       {1ul, 4095ul, 4096ul, 69'632ul, 1'234'567ul, 64ul << 20}) {
    Ghost ghost;
    ghost.Add(kSpread, weight, {1ul << 40, 10}, 10);
    EXPECT_LE(ghost.weight(), weight);
    EXPECT_GE(ghost.weight(), weight - weight / 2048);
  }
}

TEST(SketchTest, CountsNeverTooLowAndSeldomTooHigh) {
  Sketch sketch;
  sketch.Reserve(10'000);
  for (uint64_t key = 0; key < 10'000; ++key) {
    for (uint64_t i = 0; i <= key % 8; ++i) sketch.Increment(key * kSpread);
  }
  int too_high = 0;
  for (uint64_t key = 0; key < 10'000; ++key) {
    const uint64_t estimate = sketch.Estimate(key * kSpread);
    ASSERT_GE(estimate, key % 8 + 1);
    too_high += estimate > key % 8 + 2 ? 1 : 0;
  }
  EXPECT_LT(too_high, 500);
}

TEST(SketchTest, Forgets) {
  Sketch sketch;
  sketch.Reserve(1000);
  for (int i = 0; i < 100; ++i) sketch.Increment(kSpread);
  EXPECT_EQ(sketch.Estimate(kSpread), 15u);
  for (uint64_t i = 2; i < 40'000; ++i) sketch.Increment(i * kSpread);
  EXPECT_LE(sketch.Estimate(kSpread), 8u);
}

TEST(SketchTest, GrowsToNineBytesAKeyAndRemembersMost) {
  Sketch sketch;
  EXPECT_EQ(sketch.bytes(), 0u);
  for (uint64_t key = 1; key <= 100'000; ++key) {
    sketch.Reserve(key);
    for (int i = 0; i < 3; ++i) sketch.Increment(key * kSpread);
    ASSERT_LE(sketch.bytes(), 200 + 9.1 * static_cast<double>(key));
  }
  int known = 0;
  for (uint64_t key = 90'001; key <= 100'000; ++key) {
    known += sketch.Estimate(key * kSpread) >= 3 ? 1 : 0;
  }
  EXPECT_GT(known, 8500);
}

}  // namespace
}  // namespace outrigger::cache
