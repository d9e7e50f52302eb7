// The ledger of one pool's slots under pods that do anything.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "store/memory/pool_ledger.h"

namespace outrigger::store {
namespace {

constexpr int64_t kLeaseUs = 10'000'000;

// Pods ask at random, lose answers, stop, come back, change their caps, and the
// store forgets. Each counts for itself what it may use.
class RandomFleet {
 public:
  RandomFleet(uint64_t seed, uint32_t most)
      : random_(seed), most_(most), pods_(1 + random_() % 6) {
    for (size_t i = 0; i < pods_.size(); ++i) {
      pods_[i].request.pod = absl::StrCat("pod-", i);
      pods_[i].request.lease_us = kLeaseUs;
      pods_[i].request.cap = most_;
    }
  }

  void Step() {
    now_us_ += static_cast<int64_t>(random_() % 40'000);
    if (random_() % 500 == 0) {
      ledger_.Forget(now_us_ + kLeaseUs + kPoolLeaseMarginUs);
    }
    Pod& pod = pods_[random_() % pods_.size()];
    if (now_us_ >= pod.until_us) pod.slots = 0;
    if (random_() % 300 == 0) {  // it is started anew
      pod.slots = 0;
      absl::StrAppend(&pod.request.pod, "'");
    }
    Ask(pod);
    ASSERT_LE(InUse(), most_);
  }

 private:
  struct Pod {
    PoolRequest request;
    uint32_t slots = 0;
    int64_t until_us = 0;
  };

  uint32_t InUse() const {
    uint32_t sum = 0;
    for (const Pod& pod : pods_) {
      if (now_us_ < pod.until_us) sum += pod.slots;
    }
    return sum;
  }

  void Ask(Pod& pod) {
    PoolRequest& request = pod.request;
    if (random_() % 20 == 0) {
      request.cap = 1 + static_cast<uint32_t>(random_()) % most_;
    }
    request.overflow_above = request.cap;
    pod.slots = random_() % 4 == 0
                    ? static_cast<uint32_t>(random_() % (pod.slots + 1))
                    : pod.slots;
    request.held = pod.slots;
    const auto waiting = static_cast<uint32_t>(random_() % 5);
    request.need = request.held + waiting;
    request.want = request.need + static_cast<uint32_t>(random_() % 3);
    request.waited_us.assign(waiting, 1 + static_cast<int64_t>(random_() % 9));
    request.leave = random_() % 50 == 0;
    if (request.leave) {
      request.held = request.need = request.want = pod.slots = 0;
      request.waited_us.clear();
    }
    ++request.sequence;
    called_.clear();
    const auto reply = ledger_.Exchange(request, now_us_, &called_);
    ASSERT_TRUE(reply.ok());
    Check(request, *reply);
    if (random_() % 10 == 0) return;  // the answer is lost
    pod.slots = reply->slots;
    pod.until_us = now_us_ + request.lease_us;
  }

  void Check(const PoolRequest& request, const PoolReply& reply) {
    uint32_t others = 0;
    for (const Pod& pod : pods_) {
      if (pod.request.pod != request.pod && now_us_ < pod.until_us) {
        others += pod.slots;
      }
    }
    ASSERT_LE(others + reply.slots, most_);
    ASSERT_LE(reply.overflow, reply.slots);
    // Until all have said anew what they have, after a loss, it knows less.
    if (reply.learning_for_us == 0) {
      ASSERT_GE(reply.fleet_slots, others + reply.slots);
    }
    ASSERT_LE(reply.fleet_slots, most_);
    ASSERT_GT(reply.fence, fence_);
    fence_ = reply.fence;
    for (const std::string& name : called_) ASSERT_NE(name, request.pod);
  }

  std::mt19937_64 random_;
  const uint32_t most_;
  PoolLedger ledger_;
  std::vector<Pod> pods_;
  int64_t now_us_ = 1'000'000;
  uint64_t fence_ = 0;
  std::vector<std::string> called_;
};

TEST(PoolLedgerRandomTest, WhateverPodsDoTheyHaveNoMoreThanTheCap) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    for (const uint32_t most : {1, 3, 8, 50}) {
      SCOPED_TRACE(absl::StrCat("seed ", seed, ", cap ", most));
      RandomFleet fleet(seed, most);
      for (int i = 0; i < 1000 && !testing::Test::HasFatalFailure(); ++i) {
        fleet.Step();
      }
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace outrigger::store
