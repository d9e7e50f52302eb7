// The ledger of one pool's slots, at exact times and with those it calls: what
// the suite of all pool stores (pool_store_suite.h) cannot see.
#include "store/memory/pool_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace outrigger::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr int64_t kLeaseUs = 10'000'000;
constexpr int64_t kMs = 1000;

// Pods that ask one ledger, and believe what it says. Named "a", "b", …
class Fleet {
 public:
  // The pods' cap is `cap`, all of it usual.
  explicit Fleet(size_t pods, uint32_t cap) {
    for (size_t i = 0; i < pods; ++i) {
      PoolRequest& request = requests_.emplace_back();
      request.pool = "db";
      request.pod = std::string(1, static_cast<char>('a' + i));
      request.cap = request.overflow_above = cap;
      request.lease_us = kLeaseUs;
    }
  }

  PoolRequest& request(char pod) {
    return requests_[static_cast<size_t>(pod - 'a')];
  }
  void Pass(int64_t us) { now_us_ += us; }
  int64_t now_us() const { return now_us_; }
  void Forget(int64_t for_us) { ledger_.Forget(now_us_ + for_us); }

  // Sends the pod's request as it is, but for its number.
  PoolReply Send(char pod) {
    PoolRequest& one = request(pod);
    ++one.sequence;
    called_.clear();
    const auto reply = ledger_.Exchange(one, now_us_, &called_);
    EXPECT_EQ(reply.status(), absl::OkStatus());
    if (!reply.ok()) return {};
    one.held = reply->slots;
    return *reply;
  }
  absl::StatusCode SendLate(char pod, uint64_t sequence) {
    PoolRequest late = request(pod);
    late.sequence = sequence;
    late.held = late.need = late.want = 0;
    return ledger_.Exchange(late, now_us_, &called_).status().code();
  }
  // Keeps what it has; it has use for `need`, and would like `want`.
  PoolReply Need(char pod, uint32_t need, uint32_t want = 0) {
    request(pod).need = need;
    request(pod).want = std::max(need, want);
    request(pod).waited_us.clear();
    return Send(pod);
  }
  // Keeps `held`, all in use; callers have waited for so long.
  PoolReply Wait(char pod, uint32_t held, std::vector<int64_t> waited_us) {
    PoolRequest& one = request(pod);
    one.held = held;
    one.need = one.want = held + static_cast<uint32_t>(waited_us.size());
    one.waited_us = std::move(waited_us);
    return Send(pod);
  }
  // Gives back all but `kept`, and has use for `need`.
  PoolReply Keep(char pod, uint32_t kept, uint32_t need) {
    request(pod).held = kept;
    return Need(pod, need);
  }

  // By the last request.
  const std::vector<std::string>& called() const { return called_; }

 private:
  PoolLedger ledger_;
  int64_t now_us_ = 1'000'000'000;
  std::deque<PoolRequest> requests_;
  std::vector<std::string> called_;
};

char NameOf(size_t pod) { return static_cast<char>('a' + pod); }

// What each has when all have asked again and again, and have given back what
// they were told to.
std::vector<uint32_t> Settled(Fleet& fleet,
                              const std::vector<uint32_t>& needs) {
  for (int round = 0; round < 10; ++round) {
    for (size_t i = 0; i < needs.size(); ++i) {
      PoolRequest& request = fleet.request(NameOf(i));
      const PoolReply reply = fleet.Need(NameOf(i), needs[i]);
      request.held = std::min(reply.slots, reply.target);
      fleet.Pass(30 * kMs);
    }
  }
  std::vector<uint32_t> slots;
  for (size_t i = 0; i < needs.size(); ++i) {
    slots.push_back(fleet.Need(NameOf(i), needs[i]).slots);
  }
  return slots;
}

TEST(PoolLedgerTest, SharesWhatIsScarceLikeWater) {
  struct Case {
    uint32_t cap;
    std::vector<uint32_t> needs;
    std::vector<uint32_t> sorted;  // what they have, the least first
  };
  for (const Case& c : std::vector<Case>{
           {12, {2, 3, 4}, {2, 3, 4}},
           {12, {12, 12, 12}, {4, 4, 4}},
           {12, {2, 12, 12}, {2, 5, 5}},
           {12, {1, 3, 100}, {1, 3, 8}},
           {20, {3, 7, 9, 11}, {3, 5, 6, 6}},
           {100, {10, 20, 200, 300}, {10, 20, 35, 35}},
           // What does not go into equal shares goes to some, one each.
           {10, {10, 10, 10}, {3, 3, 4}},
           {11, {10, 10, 10}, {3, 4, 4}},
           {9, {1, 50, 50, 50}, {1, 2, 3, 3}},
           {8, {0, 9, 9}, {0, 4, 4}},
       }) {
    Fleet fleet(c.needs.size(), c.cap);
    std::vector<uint32_t> slots = Settled(fleet, c.needs);
    for (size_t i = 0; i < slots.size(); ++i) {
      EXPECT_LE(slots[i], c.needs[i]) << c.cap;
    }
    std::sort(slots.begin(), slots.end());
    EXPECT_EQ(slots, c.sorted) << c.cap;
  }
}

TEST(PoolLedgerTest, NobodyGetsARemainderWhileAnotherLacksItsShare) {
  Fleet fleet(3, 10);
  EXPECT_EQ(fleet.Need('a', 10).slots, 10u);
  fleet.Need('b', 10);
  PoolReply reply = fleet.Need('c', 10);
  EXPECT_EQ(reply.slots, 0u);
  fleet.Pass(kPoolShareEveryUs);
  reply = fleet.Need('c', 10);
  EXPECT_EQ(reply.target, 3u) << "strictly, as some have less";
  // One keeps a remainder, and has to give it back.
  EXPECT_EQ(fleet.Keep('a', 4, 10).target, 3u);
  EXPECT_EQ(fleet.Need('b', 10).slots, 3u);
  EXPECT_EQ(fleet.Need('c', 10).slots, 3u);
  EXPECT_EQ(fleet.Need('a', 10).target, 4u) << "all have their share";
  EXPECT_EQ(fleet.Need('b', 10).slots, 3u) << "none is free";
}

TEST(PoolLedgerTest, WhatIsWantedAheadIsGivenWhileNobodyIsInWant) {
  Fleet fleet(2, 10);
  EXPECT_EQ(fleet.Need('a', 2, 6).slots, 6u);
  EXPECT_EQ(fleet.Need('b', 2, 9).slots, 4u) << "what is left";
  fleet.Keep('a', 2, 2);
  EXPECT_EQ(fleet.Need('b', 9, 9).slots, 8u);
  EXPECT_TRUE(fleet.Need('a', 2, 6).squeezed);
  EXPECT_EQ(fleet.Need('a', 2, 6).slots, 2u);
}

TEST(PoolLedgerTest, WhatIsFreeIsOfferedToTheHungryBeforeOthers) {
  Fleet fleet(4, 12);
  EXPECT_EQ(fleet.Need('a', 12).slots, 12u);
  // The share is 4: 'b' has it and wants more, 'c' and 'd' have nothing.
  fleet.Need('b', 8);
  fleet.Need('c', 4);
  fleet.Need('d', 2);
  fleet.Pass(kPoolShareEveryUs);
  fleet.Keep('a', 8, 12);
  EXPECT_THAT(fleet.called(), ElementsAre("b")) << "who came first";
  EXPECT_EQ(fleet.Need('b', 8).slots, 3u);
  EXPECT_THAT(fleet.called(), ElementsAre("c"));
  EXPECT_EQ(fleet.Need('c', 4).slots, 1u);
  EXPECT_EQ(fleet.Need('d', 2).slots, 0u);
  // 'b' is content with its share, and would have more: 'c' and 'd' come first.
  fleet.Keep('a', 6, 12);
  EXPECT_THAT(fleet.called(), ElementsAre("c"));
  fleet.Keep('a', 5, 12);
  EXPECT_THAT(fleet.called(), ElementsAre("d")) << "'c' has been called";
  fleet.Keep('a', 4, 12);
  EXPECT_THAT(fleet.called(), ElementsAre("b")) << "who is left";
  fleet.Keep('a', 3, 12);
  EXPECT_THAT(fleet.called(), IsEmpty()) << "all have been called";
}

TEST(PoolLedgerTest, DonorsAreCalledOnceAndSharesReckonedNotTooOften) {
  Fleet fleet(3, 12);
  EXPECT_EQ(fleet.Need('a', 8).slots, 8u);
  EXPECT_EQ(fleet.Need('b', 4).slots, 4u);
  // 'b' has no more than a share, but hears that others are in want.
  EXPECT_EQ(fleet.Need('c', 4).slots, 0u);
  EXPECT_THAT(fleet.called(), UnorderedElementsAre("a", "b"));
  fleet.Pass(kPoolShareEveryUs - 1);
  fleet.Need('c', 12);
  EXPECT_THAT(fleet.called(), IsEmpty());
  EXPECT_EQ(fleet.Need('c', 12).target, 4u);
  fleet.Pass(1);
  fleet.Need('c', 12);
  EXPECT_THAT(fleet.called(), IsEmpty()) << "they know";
  // One needs less, so that the share grows: nobody has to hear.
  fleet.Keep('a', 2, 2);
  fleet.Pass(kPoolShareEveryUs);
  EXPECT_EQ(fleet.Need('c', 12).slots, 5u) << "the former share, and one";
  EXPECT_EQ(fleet.Need('c', 12).slots, 6u);
  EXPECT_THAT(fleet.called(), IsEmpty());
  // And shrinks: who has more hears of it.
  fleet.Pass(kPoolShareEveryUs);
  EXPECT_EQ(fleet.Need('a', 12).target, 4u);
  EXPECT_THAT(fleet.called(), ElementsAre("c"));
}

TEST(PoolLedgerTest, OneByOneTheLongestWaitAcrossPodsIsNext) {
  Fleet fleet(3, 4);
  EXPECT_EQ(fleet.Wait('a', 0, {4, 3, 2, 1}).slots, 4u);
  fleet.Wait('b', 0, {900, 500, 100});
  fleet.Wait('c', 0, {700, 300});
  fleet.Wait('a', 4, {800});
  // 900 and 800, the giver's own; the one who is given to is called.
  PoolReply reply = fleet.Wait('a', 2, {800});
  EXPECT_TRUE(reply.one_by_one);
  EXPECT_EQ(reply.slots, 3u);
  EXPECT_EQ(reply.target, 0u);
  EXPECT_THAT(fleet.called(), ElementsAre("b"));
  // 700 and 500: 'b' has been called already.
  reply = fleet.Wait('a', 1, {});
  EXPECT_EQ(reply.slots, 1u);
  EXPECT_THAT(fleet.called(), ElementsAre("c"));
  EXPECT_EQ(reply.fleet_slots, 4u) << "what is on its way counts";
  EXPECT_EQ(fleet.Wait('b', 0, {900, 500, 100}).slots, 2u);
  EXPECT_EQ(fleet.Wait('c', 0, {700, 300}).slots, 1u);
  // 'b' and 'c' have one each who waits still.
  fleet.Wait('a', 0, {});
  EXPECT_THAT(fleet.called(), ElementsAre("c")) << "300, before 100";
}

TEST(PoolLedgerTest, OneByOneAWaitCountsFromWhenItBegan) {
  Fleet fleet(3, 1);
  fleet.Wait('a', 0, {1});
  fleet.Wait('b', 0, {50 * kMs});
  fleet.Pass(100 * kMs);
  fleet.Wait('c', 0, {149 * kMs});  // after 'b' by a millisecond
  fleet.Wait('a', 0, {});
  EXPECT_THAT(fleet.called(), ElementsAre("b"));
}

TEST(PoolLedgerTest, MailIsTakenBackWhenItWasKeptForItsTime) {
  Fleet fleet(3, 1);
  EXPECT_EQ(fleet.Wait('a', 0, {1}).slots, 1u);
  fleet.Wait('b', 0, {300});
  fleet.Wait('c', 0, {200});
  fleet.Wait('a', 0, {});
  EXPECT_THAT(fleet.called(), ElementsAre("b"));
  fleet.Pass(kPoolMailKeptUs - 1);
  EXPECT_EQ(fleet.Wait('c', 0, {200}).slots, 0u);
  fleet.Pass(1);
  EXPECT_EQ(fleet.Wait('c', 0, {200}).slots, 1u);
  // It comes too late, and is told that it has nothing.
  EXPECT_EQ(fleet.Wait('b', 0, {300}).slots, 0u);
}

TEST(PoolLedgerTest, MailIsThereForWhoComesInTime) {
  Fleet fleet(3, 1);
  fleet.Wait('a', 0, {1});
  fleet.Wait('b', 0, {300});
  fleet.Wait('c', 0, {200});
  fleet.Wait('a', 0, {});
  fleet.Pass(kPoolMailKeptUs);
  const PoolReply reply = fleet.Wait('b', 0, {300});
  // Its own request takes it back first, and it is the next in turn again.
  EXPECT_EQ(reply.slots, 1u);
  EXPECT_EQ(reply.fleet_slots, 1u);
  fleet.Pass(kPoolMailKeptUs);
  EXPECT_EQ(fleet.Wait('c', 0, {200}).slots, 0u) << "it is no mail any more";
}

TEST(PoolLedgerTest, MailOfAPodThatIsGoneIsFree) {
  Fleet fleet(3, 1);
  fleet.Wait('a', 0, {1});
  fleet.Wait('b', 0, {300});
  fleet.Wait('c', 0, {200});
  fleet.Wait('a', 0, {});
  fleet.request('b').leave = true;
  EXPECT_EQ(fleet.Wait('b', 0, {}).slots, 0u);
  EXPECT_THAT(fleet.called(), ElementsAre("c"));
  EXPECT_EQ(fleet.Wait('c', 0, {200}).slots, 1u);
}

TEST(PoolLedgerTest, OneByOneTurnsToBlocksAsPodsLeave) {
  Fleet fleet(3, 5);
  fleet.Wait('a', 0, {1, 1, 1});
  fleet.Wait('b', 0, {2, 2});
  EXPECT_TRUE(fleet.Wait('c', 0, {3}).one_by_one);
  fleet.request('b').leave = true;
  EXPECT_FALSE(fleet.Wait('b', 0, {}).one_by_one);
  EXPECT_THAT(fleet.called(), IsEmpty()) << "turns are no more";
  const PoolReply reply = fleet.Need('c', 2);
  EXPECT_FALSE(reply.one_by_one);
  EXPECT_EQ(reply.slots, 2u);
  EXPECT_EQ(reply.target, kNoPoolTarget);
}

TEST(PoolLedgerTest, ALeaseLapsesAtItsEndAndNotBefore) {
  Fleet fleet(2, 10);
  fleet.Need('a', 10);
  fleet.Pass(kLeaseUs + kPoolLeaseMarginUs - 1);
  EXPECT_EQ(fleet.Need('b', 10).slots, 0u);
  fleet.Pass(1);
  const PoolReply reply = fleet.Need('b', 10);
  EXPECT_EQ(reply.slots, 10u);
  EXPECT_EQ(reply.pods, 1u);
  EXPECT_EQ(reply.fleet_need, 10u);
  EXPECT_FALSE(reply.squeezed);
}

TEST(PoolLedgerTest, WhatPodsSayIsBelievedOnceWhileItLearns) {
  Fleet fleet(4, 10);
  fleet.Need('a', 4);
  fleet.Need('b', 6);
  fleet.Forget(1'000'000);
  PoolReply reply = fleet.Need('a', 9);
  EXPECT_EQ(reply.slots, 4u);
  EXPECT_EQ(reply.learning_for_us, 1'000'000);
  fleet.Pass(400'000);
  // It cannot say that it has more than it said.
  EXPECT_EQ(fleet.Keep('a', 9, 9).slots, 4u);
  EXPECT_EQ(fleet.Keep('a', 3, 9).slots, 3u);
  EXPECT_EQ(fleet.Keep('a', 4, 9).slots, 3u);
  // The cap was larger once: all are believed, and nobody is given anything.
  fleet.request('c').held = 5;
  reply = fleet.Need('c', 5);
  EXPECT_EQ(reply.slots, 5u);
  reply = fleet.Need('b', 6);
  EXPECT_EQ(reply.slots, 6u);
  EXPECT_EQ(reply.fleet_slots, 14u);
  EXPECT_TRUE(reply.squeezed);
  EXPECT_EQ(reply.learning_for_us, 600'000);
  // It has learnt: who comes now is not believed.
  fleet.Pass(600'000);
  fleet.request('d').held = 5;
  reply = fleet.Need('d', 5);
  EXPECT_EQ(reply.slots, 0u);
  EXPECT_EQ(reply.learning_for_us, 0);
}

TEST(PoolLedgerTest, LearningOneByOneGivesNothingToWhoWaits) {
  Fleet fleet(2, 2);
  fleet.Forget(1'000'000);
  fleet.Wait('a', 0, {500});
  EXPECT_EQ(fleet.Wait('b', 0, {400}).slots, 0u);
  EXPECT_THAT(fleet.called(), IsEmpty());
  fleet.Pass(1'000'000);
  EXPECT_EQ(fleet.Wait('b', 0, {1'000'400}).slots, 1u);
  EXPECT_THAT(fleet.called(), ElementsAre("a"));
}

TEST(PoolLedgerTest, FencesGrowThroughALoss) {
  Fleet fleet(1, 10);
  fleet.request('a').last_token = 1'000'000'000'000;
  const uint64_t before = fleet.Need('a', 1).fence;
  EXPECT_EQ(before, 1'000'000'000'001u);
  fleet.request('a').last_token = 0;
  fleet.Forget(0);
  EXPECT_EQ(fleet.Need('a', 1).fence, before + 1);
}

TEST(PoolLedgerTest, ALateRequestIsRefusedAndDoesNothing) {
  Fleet fleet(2, 10);
  fleet.Need('a', 4);
  fleet.Need('a', 4);
  for (const uint64_t late : {0, 1, 2}) {
    EXPECT_EQ(fleet.SendLate('a', late), absl::StatusCode::kAborted) << late;
  }
  EXPECT_EQ(fleet.Need('b', 1).fleet_slots, 5u);
  // Whoever has left, or lapsed, begins anew.
  fleet.request('a').leave = true;
  fleet.Keep('a', 0, 0);
  EXPECT_EQ(fleet.SendLate('a', 1), absl::StatusCode::kOk);
}

TEST(PoolLedgerTest, TheSmallestCapHoldsAndASmallerOneIsShrunkTo) {
  Fleet fleet(3, 12);
  fleet.Need('a', 6);
  fleet.Need('b', 6);
  fleet.request('c').cap = 6;
  PoolReply reply = fleet.Need('c', 2);
  EXPECT_EQ(reply.slots, 0u);
  EXPECT_EQ(reply.fleet_slots, 12u);
  EXPECT_EQ(reply.target, 2u) << "strictly: all that is above it goes";
  EXPECT_THAT(fleet.called(), UnorderedElementsAre("a", "b"));
  // Nothing is given before the fleet is below the cap.
  EXPECT_EQ(fleet.Keep('a', 3, 6).slots, 3u);
  EXPECT_EQ(fleet.Need('c', 2).slots, 0u);
  EXPECT_EQ(fleet.Keep('b', 2, 6).slots, 2u);
  EXPECT_EQ(fleet.Need('c', 2).slots, 1u);
  // The one with the small cap goes, and the rest have theirs again.
  fleet.request('c').leave = true;
  fleet.Keep('c', 0, 0);
  EXPECT_EQ(fleet.Need('a', 6).slots, 6u);
  EXPECT_EQ(fleet.Need('b', 6).slots, 6u);
}

TEST(PoolLedgerTest, OverflowIsWhatIsBeyondTheFleetsUsual) {
  Fleet fleet(2, 10);
  fleet.request('a').overflow_above = fleet.request('b').overflow_above = 4;
  EXPECT_EQ(fleet.Need('a', 3).overflow, 0u);
  EXPECT_EQ(fleet.Need('b', 2).overflow, 1u);
  EXPECT_EQ(fleet.Need('b', 7).overflow, 6u);
  EXPECT_EQ(fleet.Need('a', 3).overflow, 3u) << "no more than it has";
}

// After any needs at all a fleet that does as it is told has what is fair.
TEST(PoolLedgerTest, AnyNeedsAreMetFairly) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 300; ++i) {
    const size_t pods = 2 + random() % 5;
    const auto cap = static_cast<uint32_t>(2 * pods + random() % 40);
    std::vector<uint32_t> needs;
    uint32_t sum = 0;
    for (size_t p = 0; p < pods; ++p) {
      needs.push_back(static_cast<uint32_t>(random() % 30));
      sum += needs.back();
    }
    Fleet fleet(pods, cap);
    const std::vector<uint32_t> slots = Settled(fleet, needs);
    uint32_t given = 0, least_unmet = UINT32_MAX, most = 0;
    for (size_t p = 0; p < pods; ++p) {
      given += slots[p];
      most = std::max(most, slots[p]);
      if (slots[p] < needs[p]) least_unmet = std::min(least_unmet, slots[p]);
    }
    const std::string which = testing::PrintToString(needs) + " of " +
                              absl::StrCat(cap) + ": " +
                              testing::PrintToString(slots);
    EXPECT_EQ(given, std::min(cap, sum)) << which;
    // Nobody has two more than one who lacks some.
    EXPECT_LE(most - std::min(most, least_unmet), 1u) << which;
  }
}

}  // namespace
}  // namespace outrigger::store
