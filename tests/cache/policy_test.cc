// The policies on recorded reads: the same misses as others have published, and
// no policy that is offered as the default does worse than the plain ones.
#include "cache/policy/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "cache/simulate/simulation.h"
#include "cache/simulate/trace.h"

namespace outrigger::cache {
namespace {

constexpr uint64_t kUnbounded = std::numeric_limits<uint64_t>::max() / 4;

std::vector<TraceRequest> Load(const std::string& name) {
  std::ifstream file(std::string(OUTRIGGER_TRACES) + "/" + name,
                     std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  absl::StatusOr<std::vector<TraceRequest>> trace =
      ReadTrace(bytes.str(), GuessTraceFormat(name, bytes.str()));
  EXPECT_TRUE(trace.ok()) << name << ": " << trace.status();
  return trace.ok() ? *std::move(trace) : std::vector<TraceRequest>();
}

const std::vector<TraceRequest>& CloudPhysics() {
  static const auto* const trace =
      new std::vector<TraceRequest>(Load("cloudPhysicsIO.oracleGeneral.bin"));
  return *trace;
}

// Misses with 128, 256, … 1024 MiB.
std::vector<uint64_t> CloudPhysicsMisses(Policy policy) {
  std::vector<uint64_t> misses;
  for (uint64_t mib = 128; mib <= 1024; mib += 128) {
    misses.push_back(
        Simulate(CloudPhysics(), policy, {mib << 20, kUnbounded}).misses);
  }
  return misses;
}

double Web07HitPercent(Policy policy, uint64_t entries) {
  static const auto* const trace =
      new std::vector<TraceRequest>(Load("web07.trace"));
  return 100 * Simulate(*trace, policy, {kUnbounded, entries}).HitRatio();
}

using testing::ElementsAre;

// Published with libCacheSim.
TEST(PublishedTest, LruHasTheSameMisses) {
  EXPECT_THAT(
      CloudPhysicsMisses(Policy::kLru),
      ElementsAre(93374, 89783, 83572, 81722, 72494, 72104, 71972, 71704));
}

TEST(PublishedTest, LfuHasTheSameMisses) {
  EXPECT_THAT(
      CloudPhysicsMisses(Policy::kLfu),
      ElementsAre(91699, 86720, 78578, 76707, 69945, 66221, 64445, 64376));
}

TEST(PublishedTest, S3FifoHasTheSameMisses) {
  EXPECT_THAT(
      CloudPhysicsMisses(Policy::kS3Fifo),
      ElementsAre(89307, 82387, 77041, 76791, 71300, 70343, 70455, 70355));
}

// Published with Caffeine: LRU 45.58, LFU 38.52, S3-FIFO 50.03,
// W-TinyLFU 49.31.
TEST(PublishedTest, Web07HasTheSameHitRatios) {
  EXPECT_NEAR(Web07HitPercent(Policy::kLru, 500), 45.58, 0.005);
  EXPECT_NEAR(Web07HitPercent(Policy::kLfu, 500), 38.52, 0.005);
  EXPECT_GE(Web07HitPercent(Policy::kS3Fifo, 500), 50.0);
  EXPECT_GE(Web07HitPercent(Policy::kTinyLfu, 500), 49.3);
}

// Also that which is not the default might be chosen by anyone.
TEST(DefaultTest, IsNoWorseThanTheBestOfLruAndS3FifoAtAnySize) {
  const std::vector<uint64_t> lru = CloudPhysicsMisses(Policy::kLru);
  const std::vector<uint64_t> s3_fifo = CloudPhysicsMisses(Policy::kS3Fifo);
  for (const Policy policy : {NamespaceOptions().policy, Policy::kTinyLfu}) {
    const std::vector<uint64_t> misses = CloudPhysicsMisses(policy);
    for (size_t i = 0; i < misses.size(); ++i) {
      EXPECT_LE(misses[i], std::min(lru[i], s3_fifo[i])) << PolicyName(policy);
    }
  }
}

std::vector<TraceRequest> Loop(uint64_t keys, int rounds) {
  std::vector<TraceRequest> trace;
  for (int round = 0; round < rounds; ++round) {
    for (uint64_t key = 0; key < keys; ++key) {
      trace.push_back({key * 0x9E3779B97F4A7C15, 1});
    }
  }
  return trace;
}

TEST(PolicyTest, ALoopThatIsTooLongDefeatsLruButNotTinyLfu) {
  const std::vector<TraceRequest> loop = Loop(1500, 50);
  const Capacity capacity = {kUnbounded, 1000};
  EXPECT_EQ(Simulate(loop, Policy::kLru, capacity).misses, loop.size());
  EXPECT_GT(Simulate(loop, Policy::kTinyLfu, capacity).HitRatio(), 0.4);
  EXPECT_GT(Simulate(loop, Policy::kS3Fifo, capacity).HitRatio(), 0.3);
}

TEST(PolicyTest, WhatFitsIsMissedOnce) {
  for (const Policy policy : {Policy::kLru, Policy::kLfu, Policy::kTtl,
                              Policy::kS3Fifo, Policy::kTinyLfu}) {
    const std::vector<TraceRequest> loop = Loop(1000, 5);
    EXPECT_EQ(Simulate(loop, policy, {kUnbounded, 1000}).misses, 1000u);
    EXPECT_EQ(Simulate(loop, policy, {1000, kUnbounded}).misses, 1000u);
  }
}

TEST(PolicyTest, WhatIsTooLargeNeverEntersAndDrivesNobodyOut) {
  for (const Policy policy : {Policy::kLru, Policy::kLfu, Policy::kTtl,
                              Policy::kS3Fifo, Policy::kTinyLfu}) {
    std::vector<TraceRequest> trace;
    for (int i = 0; i < 10; ++i) {
      trace.push_back({1, 5});
      trace.push_back({2, 11});
    }
    EXPECT_EQ(Simulate(trace, policy, {10, kUnbounded}).misses, 11u);
  }
}

// A few entries with times of their own, for ttl.
struct alignas(Node::kAlignment) TimedNode : Node {
  TimedNode() = default;
  Tick expiry = 0;
};

class TimedOwner final : public NodeOwner {
 public:
  uint64_t WeightOf(const Node&) const override { return 1; }
  uint64_t HashOf(const Node& node) const override {
    return reinterpret_cast<uintptr_t>(&node);
  }
  Tick ExpiryOf(const Node& node) const override {
    return static_cast<const TimedNode&>(node).expiry;
  }
  Tick Now() const override { return now; }
  Tick now = 0;
};

// Who leaves is within 1/32 of its time of the first one to expire: across
// lengths of life from 1 ms to 12 days, and where ticks begin anew.
TEST(TtlTest, WhoExpiresFirstLeavesFirst) {
  TimedOwner owner;
  owner.now = 0xffff'f000;
  const std::unique_ptr<EvictionPolicy> policy = MakeTtl(owner);
  std::vector<std::unique_ptr<TimedNode>> nodes;
  for (uint32_t i = 0; i < 2000; ++i) {
    nodes.push_back(std::make_unique<TimedNode>());
    // Spread over all lengths, in no order.
    const uint32_t life = 1 + (i * 2654435761u) % (kLongestTicks >> (i % 30));
    nodes.back()->expiry = owner.now + life;
    policy->OnInsert(nodes.back().get());
  }
  std::vector<Tick> left;
  while (Node* const node = policy->Evict(1)) {
    left.push_back(static_cast<TimedNode*>(node)->expiry - owner.now);
  }
  ASSERT_EQ(left.size(), nodes.size());
  Tick latest = 0;
  for (const Tick life : left) {
    EXPECT_GE(life + latest / 32 + 1, latest);
    latest = std::max(latest, life);
  }
  EXPECT_EQ(policy->bytes(), 0u) << "no bucket is kept";
}

TEST(TtlTest, ThoseThatLiveEquallyLongLeaveInTheirOrder) {
  TimedOwner owner;
  owner.now = 5;
  const std::unique_ptr<EvictionPolicy> policy = MakeTtl(owner);
  std::vector<std::unique_ptr<TimedNode>> nodes;
  for (int i = 0; i < 1000; ++i) {
    nodes.push_back(std::make_unique<TimedNode>());
    owner.now += 100;
    nodes.back()->expiry = owner.now + 300'000;
    policy->OnInsert(nodes.back().get());
  }
  for (const auto& node : nodes) EXPECT_EQ(policy->Evict(1), node.get());
}

}  // namespace
}  // namespace outrigger::cache
