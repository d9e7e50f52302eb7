// Pods that share a cap: who gets what, and what happens when the store is
// gone.
#include "tests/support/pool_fleet.h"

#include <gtest/gtest.h>

#include <numeric>

namespace outrigger {
namespace {

using coord::SlotReason;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kNoWait{};

pool::PoolOptions Db(int64_t max_connections) {
  pool::PoolOptions options;
  options.name = "db";
  options.max_connections = max_connections;
  options.lease = seconds(30);
  return options;
}

using Held = std::vector<std::shared_ptr<PoolAsked>>;

Held TakeAll(PoolFleet& fleet, size_t pod, int most) {
  Held held;
  for (int i = 0; i < most; ++i) {
    auto asked = fleet.Ask(pod, kNoWait);
    if (!asked->acquired()) break;
    held.push_back(std::move(asked));
  }
  return held;
}

TEST(PoolFleets, NeverHoldMoreThanTheCapTogether) {
  PoolFleet fleet(4, {Db(10)});
  size_t held = 0;
  for (int round = 0; round < 5; ++round) {
    for (size_t pod = 0; pod < 4; ++pod) {
      held += TakeAll(fleet, pod, 2).size();
      fleet.executor.Advance(milliseconds(200));
    }
  }
  EXPECT_EQ(held, 10u);
}

TEST(PoolFleets, ShareFairlyWhatAllWant) {
  PoolFleet fleet(4, {Db(20)});
  std::vector<Held> held(4);
  std::vector<Held> waiting(4);
  held[0] = TakeAll(fleet, 0, 20);
  ASSERT_EQ(held[0].size(), 20u);
  for (size_t pod = 0; pod < 4; ++pod) {
    for (int i = 0; i < 20; ++i) {
      waiting[pod].push_back(fleet.Ask(pod, minutes(1)));
    }
  }
  fleet.executor.Advance(seconds(1));
  // As pod 0 releases, the others get their share, though many wait at pod 0.
  for (const auto& asked : held[0]) {
    fleet.Release(0, *asked);
    fleet.executor.Advance(milliseconds(50));
  }
  fleet.executor.Advance(seconds(1));
  uint32_t in_use = 0;
  for (size_t pod = 0; pod < 4; ++pod) {
    EXPECT_EQ(fleet.View(pod).in_use, 5u) << pod;
    in_use += fleet.View(pod).in_use;
  }
  EXPECT_EQ(in_use, 20u);
}

TEST(PoolFleets, LetOnePodUseTheWholeCapWithinASecond) {
  PoolFleet fleet(8, {Db(100)});
  // All pods were busy, and still keep what they used.
  for (size_t pod = 0; pod < 8; ++pod) {
    Held held;
    for (int i = 0; i < 12; ++i) {
      held.push_back(fleet.Ask(pod, kNoWait));
      fleet.executor.Advance(milliseconds(50));
      ASSERT_TRUE(held.back()->acquired()) << pod << " " << i;
    }
    for (const auto& asked : held) fleet.Release(pod, *asked);
  }
  Held wanted;
  for (int i = 0; i < 100; ++i) wanted.push_back(fleet.Ask(0, seconds(5)));
  fleet.executor.Advance(seconds(1));
  EXPECT_GE(fleet.View(0).in_use, 95u);
}

TEST(PoolFleets, NeedFewCommandsUnderASteadyLoad) {
  PoolFleet fleet(8, {Db(100)});
  std::vector<Held> held(8);
  int acquires = 0;
  const auto load = [&](Duration length) {
    for (Duration at{}; at < length; at += milliseconds(1)) {
      const auto pod = static_cast<size_t>(acquires) % 8;
      const auto asked = fleet.Ask(pod, seconds(1));
      ++acquires;
      fleet.executor.Advance(milliseconds(1));
      ASSERT_TRUE(asked->acquired());
      held[pod].push_back(asked);
      if (held[pod].size() > 10) {
        fleet.Release(pod, *held[pod].front());
        held[pod].erase(held[pod].begin());
      }
    }
  };
  load(seconds(5));
  for (auto& pod : fleet.pods) pod->link.exchanges = 0;
  acquires = 0;
  load(seconds(20));
  int exchanges = 0;
  for (auto& pod : fleet.pods) exchanges += pod->link.exchanges;
  EXPECT_LE(exchanges, acquires / 100) << acquires;
}

TEST(PoolFleets, GiveAFewSlotsOneByOneToWhoHasWaitedLongest) {
  PoolFleet fleet(4, {Db(2)});
  const auto a = fleet.Ask(0, minutes(1)), b = fleet.Ask(1, minutes(1));
  ASSERT_TRUE(a->acquired() && b->acquired());
  Held order;
  for (const size_t pod : {3, 1, 2, 0, 3, 2}) {
    order.push_back(fleet.Ask(pod, minutes(1)));
    fleet.executor.Advance(milliseconds(10));
  }
  EXPECT_TRUE(fleet.View(0).one_by_one);
  fleet.Release(0, *a);
  fleet.executor.Advance(milliseconds(5));
  const size_t pods[] = {3, 1, 2, 0, 3, 2};
  for (size_t i = 0; i < order.size(); ++i) {
    for (size_t j = 0; j < order.size(); ++j) {
      EXPECT_EQ(order[j]->acquired(), j <= i) << i << " " << j;
    }
    fleet.Release(pods[i], *order[i]);
    fleet.executor.Advance(milliseconds(5));
  }
}

TEST(PoolFleets, TokensGrowFromHolderToHolder) {
  PoolFleet fleet(3, {Db(1)});
  uint64_t last = 0;
  for (int i = 0; i < 30; ++i) {
    const auto pod = static_cast<size_t>(i) % 3;
    const auto asked = fleet.Ask(pod, seconds(1));
    fleet.executor.Advance(milliseconds(1));
    ASSERT_TRUE(asked->acquired()) << i;
    EXPECT_GT((**asked).fencing_token, last);
    last = (**asked).fencing_token;
    fleet.Release(pod, *asked);
  }
}

TEST(PoolFleets, ASlotIsNotGivenAwayBeforeADeadPodsLeaseHasPassed) {
  PoolFleet fleet(2, {Db(4)});
  ASSERT_EQ(TakeAll(fleet, 0, 4).size(), 4u);
  fleet.pods[0]->link.cut = true;  // as good as dead
  const auto waits = fleet.Ask(1, minutes(2));
  fleet.executor.Advance(seconds(29));
  EXPECT_FALSE(waits->answered());
  fleet.executor.Advance(seconds(3));
  EXPECT_EQ(fleet.View(0).in_use, 0u) << "its own clock said so before";
  EXPECT_TRUE(waits->acquired());
}

// A pod is stopped for longer than its lease, and the store loses its memory
// before the pod's timers run.
TEST(PoolFleets, WhatHasLapsedIsNotClaimedFromAStoreThatForgot) {
  PoolFleet fleet(2, {Db(4)});
  const Held mine = TakeAll(fleet, 0, 4);
  ASSERT_EQ(mine.size(), 4u);
  fleet.clock.Advance(seconds(32));
  const auto others = fleet.Ask(1, seconds(1));
  ASSERT_TRUE(others->acquired());
  fleet.shared.Forget(ToMicros(seconds(30)));
  fleet.pods[1]->link.OnBack();
  fleet.pods[0]->link.OnBack();
  EXPECT_EQ(fleet.View(0).in_use, 0u);
  EXPECT_EQ(fleet.View(1).in_use, 1u);
  EXPECT_FALSE(fleet.Release(0, *mine[0]));
  EXPECT_TRUE(fleet.Release(1, *others));
}

TEST(PoolFleets, ASessionHearsThatTheStoreIsLostForTooLong) {
  PoolFleet fleet(1, {Db(4)});
  std::vector<uint64_t> lost;
  const auto session = *fleet.pods[0]->pools.OpenSession(
      [&lost](uint64_t lease_id) { lost.push_back(lease_id); });
  coord::SlotQuery query;
  query.pool = "db";
  query.session = session;
  const auto held = fleet.Ask(0, query);
  fleet.pods[0]->link.cut = true;
  fleet.executor.Advance(seconds(19));
  EXPECT_TRUE(lost.empty());
  fleet.executor.Advance(seconds(12));
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_EQ(lost[0], (**held).lease_id);
}

TEST(PoolFleets, WithoutTheStoreTheBlockServesUntilItsLeaseHasPassed) {
  PoolFleet fleet(2, {Db(10)});
  Held held = TakeAll(fleet, 0, 3);
  for (const auto& asked : held) fleet.Release(0, *asked);
  fleet.pods[0]->link.cut = true;
  EXPECT_EQ(TakeAll(fleet, 0, 10).size(), 3u) << "what the pod has";
  const auto denied = fleet.Ask(0, kNoWait);
  EXPECT_EQ((**denied).reason, SlotReason::kStoreUnavailable);
  EXPECT_TRUE((**denied).degraded);
  fleet.executor.Advance(seconds(31));
  EXPECT_EQ((**fleet.Ask(0, kNoWait)).reason, SlotReason::kStoreUnavailable);
  fleet.pods[0]->link.cut = false;
  fleet.executor.Advance(seconds(2));
  EXPECT_TRUE(fleet.Ask(0, kNoWait)->acquired());
  EXPECT_FALSE(fleet.View(0).degraded);
}

TEST(PoolFleets, ShareOnStoreLossGoesOnWithAShare) {
  pool::PoolOptions options = Db(10);
  options.share_on_store_loss = true;
  PoolFleet fleet(2, {options});
  for (size_t pod = 0; pod < 2; ++pod) {
    fleet.Release(pod, *fleet.Ask(pod, kNoWait));
  }
  fleet.executor.Advance(seconds(11));  // both know that they are two
  for (auto& pod : fleet.pods) pod->link.cut = true;
  fleet.executor.Advance(minutes(1));
  EXPECT_EQ(TakeAll(fleet, 0, 10).size(), 5u);
  EXPECT_EQ(TakeAll(fleet, 1, 10).size(), 5u);
  EXPECT_TRUE((**fleet.Ask(0, kNoWait)).degraded);
}

TEST(PoolFleets, AStoreThatForgotGivesNothingUntilAllLeasesHavePassed) {
  PoolFleet fleet(2, {Db(4)});
  const Held held = TakeAll(fleet, 0, 3);
  fleet.shared.Forget(ToMicros(Duration(seconds(30))));
  EXPECT_EQ(TakeAll(fleet, 1, 4).size(), 0u);
  EXPECT_EQ((**fleet.Ask(1, kNoWait)).reason, SlotReason::kLearning);
  fleet.executor.Advance(seconds(11));
  for (int i = 0; i < 3; ++i) {
    for (const auto& asked : held) {
      ASSERT_TRUE(fleet.pods[0]->pools.Renew((**asked).lease_id).ok())
          << "what pods say they have is believed";
    }
    fleet.executor.Advance(seconds(10));
  }
  EXPECT_EQ(TakeAll(fleet, 1, 4).size(), 1u);
}

TEST(PoolFleets, DrainGivesAllBack) {
  PoolFleet fleet(2, {Db(4)});
  const Held held = TakeAll(fleet, 0, 4);
  const auto waits = fleet.Ask(0, minutes(1));
  fleet.pods[0]->pools.EndWaits();
  EXPECT_TRUE(waits->answered());
  for (const auto& asked : held) fleet.Release(0, *asked);
  bool drained = false;
  fleet.pods[0]->pools.Drain([&drained] { drained = true; });
  EXPECT_TRUE(drained);
  EXPECT_FALSE(fleet.Ask(0, seconds(1))->acquired());
  EXPECT_EQ(TakeAll(fleet, 1, 4).size(), 4u);
}

TEST(PoolFleets, ADrainKeepsNothingIdleThoughALeaseIsHeld) {
  PoolFleet fleet(2, {Db(4)});
  const Held held = TakeAll(fleet, 0, 4);
  for (size_t i = 1; i < held.size(); ++i) fleet.Release(0, *held[i]);
  fleet.pods[0]->pools.Drain([] {});
  EXPECT_EQ(fleet.View(0).slots, 1u);
  EXPECT_EQ(TakeAll(fleet, 1, 4).size(), 3u);
}

// Its application lives, and has its connection until it has heard of the end.
TEST(PoolFleets, AStreamThatADrainEndsLeavesItsLeasesToLapse) {
  PoolFleet fleet(2, {Db(1)});
  const auto session = fleet.pods[0]->pools.OpenSession([](uint64_t) {});
  coord::SlotQuery query;
  query.pool = "db";
  query.session = *session;
  ASSERT_TRUE(fleet.Ask(0, query)->acquired());
  fleet.pods[0]->pools.EndWaits();
  fleet.pods[0]->pools.CloseSession(*session);
  fleet.pods[0]->pools.Drain([] {});
  fleet.pods[0]->link.cut = true;  // the process has ended
  const auto waits = fleet.Ask(1, minutes(1));
  fleet.executor.Advance(seconds(29));
  EXPECT_FALSE(waits->answered());
  fleet.executor.Advance(seconds(5));
  EXPECT_TRUE(waits->acquired());
}

TEST(PoolFleets, WhoDoesNotWaitHasWhatOthersHoldIdle) {
  PoolFleet fleet(2, {Db(20)});
  for (int round = 0; round < 4; ++round) {
    Held held;
    for (int i = 0; i < 20; ++i) held.push_back(fleet.Ask(0, seconds(2)));
    fleet.executor.Advance(seconds(1));
    for (const auto& asked : held) {
      ASSERT_TRUE(asked->acquired()) << round;
      fleet.Release(0, *asked);
    }
    fleet.executor.Advance(seconds(1));
    const auto asked = fleet.Ask(1, kNoWait);
    fleet.executor.Advance(milliseconds(11));
    ASSERT_TRUE(asked->acquired()) << round;
    fleet.Release(1, *asked);
    fleet.executor.Advance(seconds(1));
  }
}

TEST(PoolFleets, AFarewellThatFailsDoesNotGoAlone) {
  pool::PoolOptions options = Db(10);
  options.share_on_store_loss = true;
  PoolFleet fleet(2, {options});
  fleet.Release(0, *fleet.Ask(0, kNoWait));
  fleet.executor.Advance(seconds(55));
  fleet.pods[0]->link.cut = true;
  fleet.executor.Advance(seconds(10));  // it was idle for two leases
  fleet.pods[0]->link.cut = false;
  fleet.executor.Advance(minutes(2));
  EXPECT_FALSE(fleet.View(0).degraded);
  EXPECT_EQ(fleet.View(0).slots, 0u);
  const Held others = TakeAll(fleet, 1, 10);
  EXPECT_EQ(others.size(), 10u);
  EXPECT_FALSE(fleet.Ask(0, kNoWait)->acquired());
}

TEST(PoolFleets, AloneItComesBackByItself) {
  pool::PoolOptions options = Db(10);
  options.share_on_store_loss = true;
  PoolFleet fleet(2, {options});
  const Held held = TakeAll(fleet, 0, 2);
  fleet.pods[0]->link.cut = true;
  fleet.executor.Advance(seconds(40));
  EXPECT_TRUE(fleet.View(0).degraded);
  const auto alone = fleet.Ask(0, kNoWait);
  ASSERT_TRUE(alone->acquired());
  EXPECT_TRUE((**alone).degraded);
  fleet.pods[0]->link.cut = false;
  fleet.executor.Advance(seconds(2));
  EXPECT_FALSE(fleet.View(0).degraded);
  EXPECT_EQ(fleet.View(0).in_use, 1u) << "and the store knows of it";
  EXPECT_EQ(TakeAll(fleet, 1, 10).size(), 9u);
}

TEST(PoolFleets, AShorterLeaseDoesNotEndWhatWasGivenForLonger) {
  PoolFleet fleet(2, {Db(4)});
  ASSERT_EQ(TakeAll(fleet, 0, 4).size(), 4u);
  pool::PoolOptions shorter = Db(4);
  shorter.lease = seconds(5);
  for (auto& pod : fleet.pods) pod->pools.Update({shorter});
  fleet.executor.Advance(seconds(1));
  fleet.pods[0]->link.cut = true;  // its callers were told 30 s
  const auto waits = fleet.Ask(1, minutes(2));
  fleet.executor.Advance(seconds(28));
  EXPECT_FALSE(waits->answered());
  fleet.executor.Advance(seconds(4));
  EXPECT_TRUE(waits->acquired());
}

TEST(PoolFleets, ASmallerCapHoldsWhilePodsDiffer) {
  PoolFleet fleet(2, {Db(20)});
  ASSERT_TRUE(fleet.Ask(0, kNoWait)->acquired());
  ASSERT_TRUE(fleet.Ask(1, kNoWait)->acquired());
  fleet.pods[0]->pools.Update({Db(8)});
  EXPECT_EQ(TakeAll(fleet, 1, 20).size(), 6u) << "8, less the two before";
  fleet.pods[1]->pools.Update({Db(8)});
  fleet.pods[0]->pools.Update({Db(20)});
  fleet.pods[1]->pools.Update({Db(20)});
  fleet.executor.Advance(seconds(1));
  EXPECT_GT(TakeAll(fleet, 1, 20).size(), 8u);
}

}  // namespace
}  // namespace outrigger
