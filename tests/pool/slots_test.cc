// A pod's block of slots and the table of its leases. Tables of events and what
// is expected.
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "pool/slots/block.h"
#include "pool/slots/lease_table.h"

namespace outrigger::pool {
namespace {

using std::chrono::seconds;

constexpr Duration kLease = seconds(30);

MonotonicTime At(Duration since_start) {
  return MonotonicTime(std::chrono::hours(1)) + since_start;
}

// A block that was answered `terms` at the start.
Block Given(const BlockTerms& terms) {
  Block block;
  block.Accept(terms, At(seconds(0)), kLease);
  return block;
}

void Take(Block& block, int times) {
  for (int i = 0; i < times; ++i) {
    ASSERT_TRUE(block.CanTake(At(seconds(0)))) << i;
    block.Take();
  }
}

TEST(BlockTest, HasNothingBeforeItIsGivenAnything) {
  Block block;
  EXPECT_FALSE(block.CanTake(At(seconds(0))));
  EXPECT_FALSE(block.Holds(At(seconds(0))));
  EXPECT_EQ(block.idle(), 0u);
  EXPECT_FALSE(block.MustReturnIdle());
}

TEST(BlockTest, GivesWhatItHasWhileItsLeaseHolds) {
  Block block = Given({.slots = 2});
  EXPECT_TRUE(block.Holds(At(kLease - Duration(1))));
  EXPECT_FALSE(block.Holds(At(kLease)));
  // Not at its very end: what is taken is to be of use for a while.
  EXPECT_TRUE(block.CanTake(At(kLease - kLease / 20 - Duration(1))));
  EXPECT_FALSE(block.CanTake(At(kLease - kLease / 20)));
  Take(block, 2);
  EXPECT_FALSE(block.CanTake(At(seconds(1)))) << "all are in use";
  EXPECT_EQ(block.idle(), 0u);
  EXPECT_TRUE(block.GiveBack());
  EXPECT_EQ(block.idle(), 1u);
  EXPECT_TRUE(block.CanTake(At(seconds(1))));
}

TEST(BlockTest, AnAnswerToAnEarlierRequestDoesNotShortenTheLease) {
  Block block = Given({.slots = 2});
  block.Accept({.slots = 2}, At(seconds(10)), kLease);
  EXPECT_EQ(block.valid_until(), At(seconds(40)));
  // The lease was shortened by an update, but what was given holds.
  block.Accept({.slots = 2}, At(seconds(12)), seconds(5));
  EXPECT_EQ(block.valid_until(), At(seconds(40)));
}

struct ClaimCase {
  std::string name;
  BlockTerms terms;
  int take = 0;     // at most at once
  int release = 0;  // of these
  uint32_t waiting = 0;
  uint32_t cap = 100;
  uint32_t usual = 100;
  BlockClaim claim;
};

TEST(BlockTest, WhatIsClaimed) {
  for (const ClaimCase& c : std::vector<ClaimCase>{
           {"nothing", {}, 0, 0, 0, 100, 100, {0, 0, 0}},
           {"who waits is in need", {}, 0, 0, 3, 100, 100, {0, 3, 3}},
           {"a quarter ahead", {.slots = 8}, 8, 0, 0, 100, 100, {8, 8, 10}},
           {"also of who waits", {.slots = 8}, 8, 0, 4, 100, 100, {8, 12, 15}},
           {"idle ones that were not used",
            {.slots = 8},
            2,
            0,
            0,
            100,
            100,
            {2, 2, 2}},
           {"what was in use lately",
            {.slots = 8},
            5,
            4,
            0,
            100,
            100,
            {5, 1, 5}},
           {"no more ahead than is usual",
            {.slots = 8},
            8,
            0,
            0,
            12,
            9,
            {8, 8, 9}},
           {"but what is needed", {.slots = 8}, 8, 0, 3, 12, 9, {8, 11, 11}},
           {"needs beyond the cap are one more than it",
            {.slots = 8},
            8,
            0,
            1000,
            12,
            12,
            {8, 13, 13}},
           {"no overflow is kept",
            {.slots = 6, .overflow = 2},
            6,
            5,
            0,
            100,
            100,
            {4, 1, 6}},
           {"but what is in use of it",
            {.slots = 6, .overflow = 2},
            6,
            1,
            0,
            100,
            100,
            {5, 5, 6}},
           {"no more is kept than is usual",
            {.slots = 8},
            8,
            8,
            0,
            100,
            3,
            {3, 0, 3}},
           {"squeezed: only what is in use",
            {.slots = 8, .squeezed = true},
            5,
            3,
            0,
            100,
            100,
            {2, 2, 5}},
           {"one by one: the same",
            {.slots = 8, .one_by_one = true},
            5,
            3,
            1,
            100,
            100,
            {2, 3, 5}},
       }) {
    Block block = Given(c.terms);
    Take(block, c.take);
    for (int i = 0; i < c.release; ++i) block.GiveBack();
    const uint32_t in_use = block.in_use();
    // One by one a release has given it up already.
    const BlockClaim claim = block.Claim(c.waiting, c.cap, c.usual);
    EXPECT_EQ(claim.held, c.claim.held) << c.name;
    EXPECT_EQ(claim.need, c.claim.need) << c.name;
    EXPECT_EQ(claim.want, c.claim.want) << c.name;
    EXPECT_EQ(block.slots(), claim.held) << c.name;
    EXPECT_EQ(block.in_use(), in_use) << c.name;
    EXPECT_GE(claim.want, claim.need) << c.name;
  }
}

TEST(BlockTest, WhatWasInUseIsRememberedForTwoThirdsOfALease) {
  Block block = Given({.slots = 8});
  Take(block, 6);
  for (int i = 0; i < 6; ++i) block.GiveBack();
  EXPECT_EQ(block.Claim(0, 100, 100).held, 6u);
  block.Rotate();
  EXPECT_EQ(block.Claim(0, 100, 100).held, 6u);
  Take(block, 1);
  block.GiveBack();
  block.Rotate();
  EXPECT_EQ(block.Claim(0, 100, 100).held, 1u);
  block.Rotate();
  EXPECT_EQ(block.Claim(0, 100, 100).held, 0u);
}

TEST(BlockTest, TheLastOnesInUseAreTheOverflow) {
  Block block = Given({.slots = 4, .overflow = 2});
  EXPECT_FALSE(block.Take());
  EXPECT_FALSE(block.Take());
  EXPECT_TRUE(block.Take());
  EXPECT_TRUE(block.Take());
  EXPECT_TRUE(block.GiveBack());
  EXPECT_TRUE(block.GiveBack());
  EXPECT_TRUE(block.Take()) << "two others are in use";
}

// What becomes of each of those that are released.
struct ReleaseCase {
  std::string name;
  BlockTerms terms;
  int in_use = 0;
  std::string stays;  // '+': it does, '-': others have a right to it
  uint32_t slots = 0;
};

TEST(BlockTest, WhereASlotGoesThatIsReleased) {
  for (const ReleaseCase& c : std::vector<ReleaseCase>{
           {"it stays", {.slots = 3}, 3, "+++", 3},
           {"also when squeezed", {.slots = 3, .squeezed = true}, 3, "+++", 3},
           {"beyond the target it goes",
            {.slots = 6, .squeezed = true, .target = 4},
            6,
            "--++++",
            4},
           {"up to the target it stays",
            {.slots = 4, .squeezed = true, .target = 4},
            4,
            "++++",
            4},
           {"those in use are what the target is of",
            {.slots = 6, .squeezed = true, .target = 4},
            4,
            "++++",
            6},
           {"a target of nothing",
            {.slots = 2, .squeezed = true, .target = 0},
            2,
            "--",
            0},
           {"one by one it goes",
            {.slots = 3, .one_by_one = true},
            3,
            "---",
            0},
       }) {
    Block block = Given(c.terms);
    Take(block, c.in_use);
    std::string stays;
    for (int i = 0; i < c.in_use; ++i) stays += block.GiveBack() ? '+' : '-';
    EXPECT_EQ(stays, c.stays) << c.name;
    EXPECT_EQ(block.slots(), c.slots) << c.name;
    EXPECT_EQ(block.in_use(), 0u) << c.name;
  }
}

TEST(BlockTest, WhatOthersWantIsReturnedIfItIsIdle) {
  Block block = Given({.slots = 2, .squeezed = true});
  EXPECT_TRUE(block.MustReturnIdle());
  Take(block, 2);
  EXPECT_FALSE(block.MustReturnIdle()) << "none is idle";
  block.GiveBack();
  EXPECT_TRUE(block.MustReturnIdle());
  EXPECT_EQ(block.Claim(0, 10, 10).held, 1u);
  EXPECT_FALSE(block.MustReturnIdle());
  EXPECT_TRUE(Given({.slots = 1, .one_by_one = true}).MustReturnIdle());
  EXPECT_FALSE(Given({.slots = 1}).MustReturnIdle()) << "nobody wants it";
}

TEST(BlockTest, WhatIsGivenUpWhileARequestIsUnderWayIsNotHadAgain) {
  Block block = Given({.slots = 5, .squeezed = true, .target = 3});
  Take(block, 5);
  EXPECT_EQ(block.Claim(2, 100, 100).held, 5u);
  // Under way: two go, as others have a right to them.
  EXPECT_FALSE(block.GiveBack());
  EXPECT_FALSE(block.GiveBack());
  EXPECT_EQ(block.slots(), 3u);
  // The answer knows nothing of that.
  block.Accept({.slots = 5, .squeezed = true, .target = 3}, At(seconds(1)),
               kLease);
  EXPECT_EQ(block.slots(), 3u);
  EXPECT_FALSE(block.CanTake(At(seconds(1))));
  // The next request says so, and its answer counts.
  EXPECT_EQ(block.Claim(2, 100, 100).held, 3u);
  block.Accept({.slots = 4}, At(seconds(2)), kLease);
  EXPECT_EQ(block.slots(), 4u);
}

TEST(BlockTest, MoreWasGivenUpThanTheAnswerSaysItHas) {
  Block block = Given({.slots = 2, .one_by_one = true});
  Take(block, 2);
  EXPECT_EQ(block.Claim(0, 100, 100).held, 2u);
  block.GiveBack();
  block.GiveBack();
  block.Accept({.slots = 1, .one_by_one = true}, At(seconds(1)), kLease);
  EXPECT_EQ(block.slots(), 0u);
}

TEST(BlockTest, WhatIsInUseBeyondACutShareGoesFirst) {
  Block block = Given({.slots = 4});
  Take(block, 4);
  block.Accept({.slots = 2}, At(seconds(1)), kLease);
  EXPECT_EQ(block.idle(), 0u);
  EXPECT_FALSE(block.CanTake(At(seconds(1))));
  EXPECT_FALSE(block.GiveBack());
  EXPECT_FALSE(block.GiveBack());
  EXPECT_EQ(block.slots(), 2u) << "none of the two that it has";
  EXPECT_TRUE(block.GiveBack());
  EXPECT_EQ(block.slots(), 2u);
}

TEST(BlockTest, ALapsedBlockHasNothing) {
  Block block = Given({.slots = 4,
                       .overflow = 1,
                       .squeezed = true,
                       .target = 2,
                       .one_by_one = true});
  Take(block, 3);
  block.Lapse();
  EXPECT_EQ(block.slots(), 0u);
  EXPECT_EQ(block.in_use(), 0u);
  EXPECT_FALSE(block.squeezed());
  EXPECT_FALSE(block.one_by_one());
  EXPECT_FALSE(block.Holds(At(seconds(0))));
  const BlockClaim claim = block.Claim(1, 100, 100);
  EXPECT_EQ(claim.held, 0u);
  EXPECT_EQ(claim.need, 1u);
}

TEST(BlockTest, AloneItHasAShareOfWhichTheStoreIsToldWhatIsInUse) {
  Block block = Given({.slots = 6, .squeezed = true, .target = 1});
  Take(block, 2);
  block.GoOnAlone(3, At(kLease), kLease);
  EXPECT_EQ(block.slots(), 3u);
  EXPECT_EQ(block.in_use(), 2u);
  EXPECT_TRUE(block.CanTake(At(2 * kLease - kLease / 20 - Duration(1))));
  EXPECT_FALSE(block.CanTake(At(2 * kLease - kLease / 20)));
  EXPECT_TRUE(block.Holds(At(2 * kLease - Duration(1))));
  EXPECT_FALSE(block.Holds(At(2 * kLease)));
  EXPECT_FALSE(block.squeezed()) << "nobody says so any more";
  // A claim that may not be answered gives nothing up.
  EXPECT_EQ(block.Claim(0, 100, 100).held, 2u);
  EXPECT_EQ(block.slots(), 3u);
  Take(block, 1);
  EXPECT_TRUE(block.GiveBack());
  EXPECT_EQ(block.Claim(0, 100, 100).held, 2u);
  // The store is back: what it says counts, and claims are as before.
  block.Accept({.slots = 2}, At(seconds(40)), kLease);
  EXPECT_EQ(block.slots(), 2u);
  block.GiveBack();
  block.GiveBack();
  block.Rotate();
  block.Rotate();
  EXPECT_EQ(block.Claim(0, 100, 100).held, 0u);
  EXPECT_EQ(block.slots(), 0u);
}

uint64_t Add(LeaseTable& table, EndpointId endpoint) {
  Lease& lease = table.Add();
  EXPECT_EQ(lease.endpoint, kNoEndpoint) << "it is a new one";
  lease.endpoint = endpoint;
  return lease.id;
}

TEST(LeaseTableTest, FindsWhatItKeepsByItsId) {
  LeaseTable table(7, 12345);
  EXPECT_EQ(table.size(), 0u);
  const uint64_t one = Add(table, 1);
  const uint64_t two = Add(table, 2);
  EXPECT_EQ(LeaseTable::PoolNumberOf(one), 7);
  EXPECT_EQ(LeaseTable::PoolNumberOf(two), 7);
  EXPECT_EQ(table.size(), 2u);
  ASSERT_NE(table.Find(one), nullptr);
  EXPECT_EQ(table.Find(one)->endpoint, 1u);
  EXPECT_EQ(table.Find(one)->id, one);
  EXPECT_EQ(table.Find(two)->endpoint, 2u);
  EXPECT_EQ(table.Remove(one).endpoint, 1u);
  EXPECT_EQ(table.Find(one), nullptr);
  EXPECT_EQ(table.Find(two)->endpoint, 2u);
  EXPECT_EQ(table.size(), 1u);
  EXPECT_EQ(table.Ids(), std::vector<uint64_t>{two});
}

TEST(LeaseTableTest, AnIdIsNotFoundWhereAnotherLeaseIsInItsPlace) {
  LeaseTable table(1, 0);
  std::set<uint64_t> former;
  for (EndpointId i = 0; i < 1000; ++i) {
    const uint64_t id = Add(table, i);
    for (const uint64_t old : former) EXPECT_EQ(table.Find(old), nullptr);
    EXPECT_TRUE(former.insert(id).second) << "it was given before";
    if (former.size() > 50) former.erase(former.begin());
    table.Remove(id);
  }
  EXPECT_EQ(table.size(), 0u);
}

TEST(LeaseTableTest, IdsOfAFormerRunAreNotFound) {
  LeaseTable former(1, 1000);
  LeaseTable table(1, 5000);
  const uint64_t old = Add(former, 1);
  Add(table, 1);
  EXPECT_EQ(table.Find(old), nullptr);
}

TEST(LeaseTableTest, WhatWasNeverAnIdIsNotFound) {
  LeaseTable table(1, UINT32_MAX);
  const uint64_t id = Add(table, 1);
  for (const uint64_t wrong :
       {uint64_t{0}, uint64_t{1}, ~uint64_t{0}, id + 1, id - 1,
        id ^ uint64_t{1} << LeaseTable::kSerialBits, id ^ uint64_t{1} << 63}) {
    EXPECT_EQ(table.Find(wrong), nullptr) << wrong;
  }
}

// The serial number begins again after its greatest, and touches neither the
// place nor the pool.
TEST(LeaseTableTest, SerialNumbersBeginAgain) {
  const uint32_t greatest = (uint32_t{1} << LeaseTable::kSerialBits) - 1;
  LeaseTable table(65'535, greatest - 1);
  std::set<uint64_t> ids;
  for (EndpointId i = 0; i < 4; ++i) {
    const uint64_t id = Add(table, i);
    EXPECT_TRUE(ids.insert(id).second);
    EXPECT_NE(id, 0u);
    EXPECT_EQ(LeaseTable::PoolNumberOf(id), 65'535);
    EXPECT_EQ(id >> LeaseTable::kSerialBits & (LeaseTable::kMost - 1), i);
    ASSERT_NE(table.Find(id), nullptr);
    EXPECT_EQ(table.Find(id)->endpoint, i);
  }
  // The same from a first number that has too many bits.
  LeaseTable random(1, UINT32_MAX);
  const uint64_t id = Add(random, 9);
  EXPECT_EQ(LeaseTable::PoolNumberOf(id), 1);
  EXPECT_NE(random.Find(id), nullptr);
}

TEST(LeaseTableTest, HoldsAsManyAsAPoolMayHave) {
  // max_connections and max_overflow are a million each at most.
  static_assert(LeaseTable::kMost >= 2'000'000);
  LeaseTable table(1, 0);
  uint64_t last = 0;
  for (size_t i = 0; i < LeaseTable::kMost; ++i) last = Add(table, i);
  EXPECT_EQ(table.size(), LeaseTable::kMost);
  EXPECT_EQ(LeaseTable::PoolNumberOf(last), 1);
  ASSERT_NE(table.Find(last), nullptr);
  EXPECT_EQ(table.Find(last)->endpoint, LeaseTable::kMost - 1);
  table.Remove(last);
  EXPECT_EQ(table.Find(last), nullptr);
  EXPECT_NE(Add(table, 1), last);
}

TEST(LeaseTableTest, LeasesMayBeRemovedWhileTheIdsAreGoneThrough) {
  LeaseTable table(1, 0);
  std::set<uint64_t> added;
  for (EndpointId i = 0; i < 100; ++i) added.insert(Add(table, i));
  const std::vector<uint64_t> ids = table.Ids();
  EXPECT_EQ(std::set<uint64_t>(ids.begin(), ids.end()), added);
  for (const uint64_t id : ids) table.Remove(id);
  EXPECT_EQ(table.size(), 0u);
  table.ForEach([](const Lease& lease) { ADD_FAILURE() << lease.id; });
}

}  // namespace
}  // namespace outrigger::pool
