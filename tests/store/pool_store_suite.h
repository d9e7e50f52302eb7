// What every store::PoolStore promises, as tests.
//
// A store's test includes this, and instantiates the suite with what makes the
// pods' stores:
//
//     INSTANTIATE_TEST_SUITE_P(Memory, PoolStoreSuite,
//                              ::testing::Values([] { return …; }));
#ifndef OUTRIGGER_TESTS_STORE_POOL_STORE_SUITE_H_
#define OUTRIGGER_TESTS_STORE_POOL_STORE_SUITE_H_

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/pool_store.h"
#include "support/called_pod.h"
#include "support/pool_caller.h"
#include "support/wait_for.h"

namespace outrigger::store {

// A fleet's store for one test, with whatever it needs to live.
class PoolStoreUnderTest {
 public:
  virtual ~PoolStoreUnderTest() = default;
  // The store as the pod reaches it; it listens before this returns.
  virtual PoolStore &Join(const std::string &pod, PoolListener *listener) = 0;
  // Lets a little of the store's time pass; nothing where it passes by itself.
  virtual void Tick() = 0;
  // The store loses all that it knows; no lease is longer than `lease_us`.
  virtual void Forget(int64_t lease_us) = 0;
};

using MakePoolStore = std::function<std::unique_ptr<PoolStoreUnderTest>()>;

class PoolStoreSuite : public ::testing::TestWithParam<MakePoolStore> {
 protected:
  static constexpr char kPool[] = "orders-db";

  // A pod that has joined. `cap` is the pool's.
  PoolCaller &NewPod(uint32_t cap, const std::string &name = "") {
    const std::string pod =
        name.empty() ? "pod-" + std::to_string(pods_.size()) : name;
    called_.emplace_back();
    PoolCaller &caller =
        pods_.emplace_back(under_test_->Join(pod, &called_.back()), kPool, pod);
    caller.request.cap = caller.request.overflow_above = cap;
    return caller;
  }

  // Waits until `condition` holds, letting time pass.
  bool Comes(const std::function<bool()> &condition) {
    return WaitFor([&] {
      if (condition()) return true;
      under_test_->Tick();
      return false;
    });
  }
  // That the pod (by the order of joining) is called once more than `before`.
  bool IsCalled(size_t pod, int before = 0) {
    return Comes([&] { return called_[pod].calls(kPool) > before; });
  }

  static PoolReply Must(const PoolCaller::Answer &answer) {
    EXPECT_EQ(answer.status(), absl::OkStatus());
    return answer.ok() ? *answer : PoolReply{};
  }

  std::deque<CalledPod> called_;
  std::unique_ptr<PoolStoreUnderTest> under_test_ = GetParam()();
  std::deque<PoolCaller> pods_;
};

TEST_P(PoolStoreSuite, APodAloneHasWhatItWants) {
  PoolCaller &pod = NewPod(50);
  const PoolReply reply = Must(pod.Need(3, /*want=*/8));
  EXPECT_EQ(reply.slots, 8u);
  EXPECT_EQ(reply.overflow, 0u);
  EXPECT_FALSE(reply.squeezed);
  EXPECT_EQ(reply.target, kNoPoolTarget);
  EXPECT_FALSE(reply.one_by_one);
  EXPECT_EQ(reply.learning_for_us, 0);
  EXPECT_EQ(reply.fleet_slots, 8u);
  EXPECT_EQ(reply.fleet_need, 3u);
  EXPECT_EQ(reply.pods, 1u);
  EXPECT_EQ(Must(pod.Need(60)).slots, 50u);
}

TEST_P(PoolStoreSuite, AllTogetherHaveNoMoreThanTheCap) {
  PoolCaller &one = NewPod(10), &two = NewPod(10), &three = NewPod(10);
  EXPECT_EQ(Must(one.Need(6)).slots, 6u);
  EXPECT_EQ(Must(two.Need(3)).slots, 3u);
  const PoolReply reply = Must(three.Need(3));
  EXPECT_EQ(reply.slots, 1u);
  EXPECT_TRUE(reply.squeezed);
  EXPECT_EQ(reply.fleet_slots, 10u);
  EXPECT_EQ(reply.fleet_need, 12u);
  EXPECT_EQ(reply.pods, 3u);
}

TEST_P(PoolStoreSuite, WhatIsGivenBackIsFree) {
  PoolCaller &one = NewPod(10), &two = NewPod(10);
  EXPECT_EQ(Must(one.Need(8)).slots, 8u);
  EXPECT_EQ(Must(two.Need(5)).slots, 2u);
  EXPECT_EQ(Must(one.GiveBack(6)).slots, 2u);
  EXPECT_EQ(Must(two.Need(5)).slots, 5u);
}

TEST_P(PoolStoreSuite, PoolsAreApart) {
  PoolCaller &one = NewPod(10), &two = NewPod(10);
  two.request.pool = "another";
  EXPECT_EQ(Must(one.Need(10)).slots, 10u);
  const PoolReply reply = Must(two.Need(10));
  EXPECT_EQ(reply.slots, 10u);
  EXPECT_EQ(reply.pods, 1u);
}

TEST_P(PoolStoreSuite, ARequestThatIsLateDoesNothing) {
  PoolCaller &pod = NewPod(10);
  pod.request.sequence = 5;
  EXPECT_EQ(Must(pod.Need(4)).slots, 4u);  // of number 6
  for (const uint64_t late : {6, 5, 0}) {
    pod.request.sequence = late;
    pod.request.held = pod.request.need = 0;
    EXPECT_EQ(pod.Send().status().code(), absl::StatusCode::kAborted);
  }
  pod.request.sequence = 6;
  pod.request.held = 4;
  const PoolReply reply = Must(pod.Need(4));
  EXPECT_EQ(reply.slots, 4u);
  EXPECT_EQ(reply.fleet_slots, 4u);
}

TEST_P(PoolStoreSuite, APodIsNotBelievedToHaveMoreThanItWasGiven) {
  PoolCaller &one = NewPod(10), &two = NewPod(10);
  one.request.held = 9;
  EXPECT_EQ(Must(one.Need(2)).slots, 2u);
  two.request.held = 9;
  EXPECT_EQ(Must(two.Need(0)).slots, 0u);
  one.request.held = 9;
  EXPECT_EQ(Must(one.Need(2)).slots, 2u);
}

TEST_P(PoolStoreSuite, WhoHasMoreThanAFairShareIsCalledWhenOthersAreInWant) {
  PoolCaller &one = NewPod(10), &two = NewPod(10);
  EXPECT_EQ(Must(one.Need(10)).slots, 10u);
  PoolReply reply = Must(two.Need(10));
  EXPECT_EQ(reply.slots, 0u);
  EXPECT_TRUE(reply.squeezed);
  EXPECT_EQ(reply.target, 5u);
  EXPECT_TRUE(IsCalled(0));
  reply = Must(one.Need(10));
  EXPECT_EQ(reply.slots, 10u);
  EXPECT_TRUE(reply.squeezed);
  EXPECT_EQ(reply.target, 5u);
  // It gives back what it has too much, and the other is told.
  EXPECT_EQ(called_[1].calls(kPool), 0);
  one.request.held = 5;
  EXPECT_EQ(Must(one.Need(10)).slots, 5u);
  EXPECT_TRUE(IsCalled(1));
  EXPECT_EQ(Must(two.Need(10)).slots, 5u);
}

TEST_P(PoolStoreSuite, WhoNeedsLittleHasItAndTheRestIsShared) {
  PoolCaller &small = NewPod(12), &one = NewPod(12), &two = NewPod(12);
  EXPECT_EQ(Must(one.Need(12)).slots, 12u);
  EXPECT_EQ(Must(small.Need(2)).slots, 0u);
  EXPECT_EQ(Must(two.Need(12)).slots, 0u);
  // 2 and twice 5.
  ASSERT_TRUE(Comes([&] { return Must(one.Need(12)).target == 5; }));
  one.request.held = 5;
  Must(one.Need(12));
  EXPECT_EQ(Must(small.Need(2)).slots, 2u);
  EXPECT_EQ(Must(two.Need(12)).slots, 5u);
}

TEST_P(PoolStoreSuite, OneByOneWhoWaitsLongestIsNext) {
  PoolCaller &one = NewPod(3), &two = NewPod(3);
  PoolReply reply = Must(one.Wait({300, 200, 100}));
  EXPECT_EQ(reply.slots, 3u);
  EXPECT_FALSE(reply.one_by_one);  // while it is alone
  reply = Must(two.Wait({5'000'000, 1'000'000}));
  EXPECT_EQ(reply.slots, 0u);
  EXPECT_TRUE(reply.one_by_one);
  EXPECT_TRUE(reply.squeezed);
  EXPECT_EQ(reply.target, 0u);
  Must(one.Wait({2'000'000}));
  // One slot is given back: it goes to the other pod, which is told.
  const int before = called_[1].calls(kPool);
  one.request.held = 2;
  reply = Must(one.Wait({3'000'000}));
  EXPECT_EQ(reply.slots, 2u);
  EXPECT_EQ(reply.fleet_slots, 3u);
  EXPECT_TRUE(IsCalled(1, before));
  EXPECT_EQ(Must(two.Wait({5'000'000, 1'000'000})).slots, 1u);
  // The next goes to one of the giver's own, who has waited longer.
  one.request.held = 1;
  EXPECT_EQ(Must(one.Wait({60'000'000})).slots, 2u);
}

TEST_P(PoolStoreSuite, OneByOneWhatIsNotFetchedGoesToAnother) {
  PoolCaller &one = NewPod(1), &two = NewPod(1), &three = NewPod(1);
  EXPECT_EQ(Must(one.Wait({1})).slots, 1u);
  Must(two.Wait({3'000'000}));
  Must(three.Wait({1'000'000}));
  EXPECT_EQ(Must(one.GiveBack(1)).slots, 0u);
  EXPECT_TRUE(IsCalled(1));
  // The second pod does not ask.
  PoolReply reply = Must(three.Wait({1'000'000}));
  EXPECT_EQ(reply.slots, 0u);
  EXPECT_EQ(reply.fleet_slots, 1u);
  EXPECT_TRUE(Comes([&] { return Must(three.Wait({1'000'000})).slots == 1; }));
  // Too late.
  EXPECT_EQ(Must(two.Wait({3'000'000})).slots, 0u);
}

TEST_P(PoolStoreSuite, TheSmallestCapHolds) {
  PoolCaller &one = NewPod(20), &two = NewPod(8);
  EXPECT_EQ(Must(one.Need(9)).slots, 9u);
  PoolReply reply = Must(two.Need(1));
  EXPECT_EQ(reply.slots, 0u);
  EXPECT_EQ(reply.fleet_slots, 9u);  // it is given back when it is released
  EXPECT_EQ(Must(one.GiveBack(2)).slots, 7u);
  EXPECT_EQ(Must(two.Need(3)).slots, 1u);
  // It grows again when all pods agree.
  two.request.cap = 20;
  EXPECT_EQ(Must(two.Need(3)).slots, 3u);
}

TEST_P(PoolStoreSuite, ALapsedLeaseFreesItsSlotsAndNotBefore) {
  PoolCaller &one = NewPod(10), &two = NewPod(10);
  one.request.lease_us = 1'000'000;
  EXPECT_EQ(Must(one.Need(10)).slots, 10u);
  const uint64_t asked_us = one.request.last_token;
  PoolReply reply;
  ASSERT_TRUE(Comes([&] {
    reply = Must(two.Need(10));
    return reply.slots == 10;
  }));
  EXPECT_EQ(reply.pods, 1u);
  // A fence is no less than the time.
  EXPECT_GE(reply.fence, asked_us + 1'000'000 + kPoolLeaseMarginUs);
  // The first pod has nothing any more, whatever it says.
  EXPECT_EQ(Must(one.Need(10)).slots, 0u);
}

TEST_P(PoolStoreSuite, ALeaseThatIsRenewedHolds) {
  PoolCaller &one = NewPod(10), &two = NewPod(10);
  one.request.lease_us = 1'000'000;
  EXPECT_EQ(Must(one.Need(10)).slots, 10u);
  const uint64_t begun_us = one.request.last_token;
  EXPECT_TRUE(Comes([&] {
    EXPECT_EQ(Must(two.Need(1)).slots, 0u);
    EXPECT_EQ(Must(one.Need(10)).slots, 10u);
    return one.request.last_token > begun_us + 2'500'000;
  }));
}

TEST_P(PoolStoreSuite, WhoLeavesFreesItsSlotsAtOnce) {
  PoolCaller &one = NewPod(10), &two = NewPod(10);
  EXPECT_EQ(Must(one.Need(10)).slots, 10u);
  Must(two.Need(4));
  const PoolReply left = Must(one.Leave());
  EXPECT_EQ(left.slots, 0u);
  EXPECT_EQ(left.fleet_slots, 0u);
  EXPECT_EQ(left.pods, 1u);
  EXPECT_TRUE(IsCalled(1));
  EXPECT_EQ(Must(two.Need(4)).slots, 4u);
  EXPECT_EQ(Must(two.Leave()).pods, 0u);
  EXPECT_EQ(Must(two.Leave()).pods, 0u);
  // And may come back.
  const PoolReply back = Must(one.Need(10));
  EXPECT_EQ(back.slots, 10u);
  EXPECT_EQ(back.learning_for_us, 0);
}

TEST_P(PoolStoreSuite, TokensGrowWhoeverAsks) {
  PoolCaller &one = NewPod(10), &two = NewPod(10);
  uint64_t last = 0;
  for (int i = 0; i < 10; ++i) {
    const uint64_t fence = Must((i % 2 == 0 ? one : two).Need(1)).fence;
    EXPECT_GT(fence, last);
    last = fence;
  }
  // Also than the greatest that a pod has given.
  one.request.last_token = last + 3'600'000'000;
  const uint64_t ahead = one.request.last_token;
  EXPECT_GT(Must(one.Need(1)).fence, ahead);
  EXPECT_GT(Must(two.Need(1)).fence, ahead + 1);
}

TEST_P(PoolStoreSuite, WhatIsAboveTheUsualIsOverflow) {
  PoolCaller &one = NewPod(10), &two = NewPod(10);
  one.request.overflow_above = two.request.overflow_above = 6;
  EXPECT_EQ(Must(one.Need(5)).overflow, 0u);
  EXPECT_EQ(Must(two.Need(3)).overflow, 2u);
  EXPECT_EQ(Must(one.Need(5)).overflow, 2u);
  EXPECT_EQ(Must(one.GiveBack(4)).overflow, 0u);
}

TEST_P(PoolStoreSuite, AfterALossPodsAreBelievedAndNobodyIsGivenAnything) {
  constexpr int64_t kLeaseUs = 1'000'000;
  PoolCaller &one = NewPod(10), &two = NewPod(10), &three = NewPod(10);
  for (PoolCaller *pod : {&one, &two, &three}) {
    pod->request.lease_us = kLeaseUs;
  }
  EXPECT_EQ(Must(one.Need(6)).slots, 6u);
  EXPECT_EQ(Must(two.Need(2)).slots, 2u);
  const uint64_t before = two.request.last_token;
  under_test_->Forget(kLeaseUs);
  // One who had nothing comes first.
  PoolReply reply = Must(three.Need(10));
  EXPECT_EQ(reply.slots, 0u);
  EXPECT_GT(reply.learning_for_us, 0);
  EXPECT_LE(reply.learning_for_us, kLeaseUs + kPoolLeaseMarginUs);
  EXPECT_EQ(Must(one.Need(8)).slots, 6u);
  EXPECT_EQ(Must(two.Need(8)).slots, 2u);
  reply = Must(three.Need(10));
  EXPECT_EQ(reply.slots, 0u);
  EXPECT_EQ(reply.fleet_slots, 8u);
  // Then all is as it was.
  EXPECT_TRUE(Comes([&] {
    EXPECT_LE(Must(one.Need(6)).fleet_slots, 10u);
    EXPECT_LE(Must(two.Need(2)).fleet_slots, 10u);
    return Must(three.Need(2)).slots == 2;
  }));
  reply = Must(three.Need(2));
  EXPECT_EQ(reply.learning_for_us, 0);
  EXPECT_EQ(reply.fleet_slots, 10u);
  EXPECT_GT(reply.fence, before);
}

TEST_P(PoolStoreSuite, NamesMayHoldAnyBytes) {
  PoolCaller &one = NewPod(10, std::string("a:{\0}%", 6));
  PoolCaller &two = NewPod(10, "a");
  PoolCaller &three = NewPod(10, std::string(64, '\xff'));
  one.request.pool = two.request.pool = three.request.pool = "{x}:%41 ";
  EXPECT_EQ(Must(one.Need(10)).slots, 10u);
  Must(two.Need(2));
  EXPECT_EQ(Must(three.Need(1)).pods, 3u);
  EXPECT_TRUE(Comes([&] { return called_[0].calls("{x}:%41 ") > 0; }));
  Must(one.Leave());
  EXPECT_TRUE(Comes([&] {
    return called_[1].calls("{x}:%41 ") + called_[2].calls("{x}:%41 ") > 0;
  }));
}

}  // namespace outrigger::store

#endif  // OUTRIGGER_TESTS_STORE_POOL_STORE_SUITE_H_
