// Which endpoint's a key is: how even, and how few keys move.
#include "pool/balance/hash_ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace outrigger::pool {
namespace {

constexpr int kKeys = 100'000;

HashRing::Member Member(int number, double weight = 1) {
  HashRing::Member member;
  member.seat = static_cast<Seat>(number);
  member.id = kSeats + static_cast<EndpointId>(number);
  member.name = absl::StrCat("10.0.0.", number, ":80");
  member.points = HashRing::PointsOf(weight, 1);
  return member;
}

std::vector<HashRing::Member> Members(int many) {
  std::vector<HashRing::Member> members;
  for (int i = 0; i < many; ++i) members.push_back(Member(i));
  return members;
}

SeatSet Seats(int many) {
  SeatSet seats;
  for (int i = 0; i < many; ++i) seats.set(static_cast<size_t>(i));
  return seats;
}

HashRing Ring(const std::vector<HashRing::Member>& members) {
  HashRing ring;
  ring.Assign(members);
  return ring;
}

// Of each key, in order.
std::vector<Seat> Owners(const HashRing& ring, const SeatSet* avoid = nullptr) {
  std::vector<Seat> owners;
  for (int i = 0; i < kKeys; ++i) {
    owners.push_back(ring.Find(absl::StrCat("session-", i), avoid));
  }
  return owners;
}

std::map<Seat, int> Counts(const std::vector<Seat>& owners) {
  std::map<Seat, int> counts;
  for (const Seat owner : owners) ++counts[owner];
  return counts;
}

TEST(HashRingTest, KeysAreSpreadEvenly) {
  for (const int many : {2, 10, 100}) {
    const std::map<Seat, int> counts = Counts(Owners(Ring(Members(many))));
    double squares = 0;
    for (int i = 0; i < many; ++i) {
      const auto found = counts.find(static_cast<Seat>(i));
      const int count = found == counts.end() ? 0 : found->second;
      const double off = 1.0 * count * many / kKeys - 1;
      squares += off * off;
      EXPECT_LT(std::abs(off), 0.35) << i << " of " << many;
    }
    EXPECT_LT(std::sqrt(squares / many), 0.12) << many;
  }
}

TEST(HashRingTest, AWeightIsAShareOfKeys) {
  const HashRing ring =
      Ring({Member(0, 1), Member(1, 2), Member(2, 4), Member(3, 1)});
  const std::map<Seat, int> counts = Counts(Owners(ring));
  for (const auto& [seat, weight] :
       std::map<Seat, int>{{0, 1}, {1, 2}, {2, 4}, {3, 1}}) {
    EXPECT_NEAR(counts.at(seat), kKeys * weight / 8, kKeys * weight / 8 * 0.2);
  }
}

TEST(HashRingTest, PointsHaveBounds) {
  EXPECT_EQ(HashRing::PointsOf(1, 1), kPointsOfOne);
  EXPECT_EQ(HashRing::PointsOf(0.001, 1), 1U);
  EXPECT_EQ(HashRing::PointsOf(1000, 1), kPointsOfOne * kMostTimesPoints);
  EXPECT_EQ(HashRing::PointsOf(1000, 1000), kPointsOfOne);
}

TEST(HashRingTest, IfOneLeavesOnlyItsOwnKeysMove) {
  const HashRing all = Ring(Members(50));
  const std::vector<Seat> before = Owners(all);
  for (const Seat gone : {0, 17, 49}) {
    SeatSet rest = Seats(50);
    rest.reset(gone);
    const std::vector<Seat> after = Owners(all.Only(rest));
    std::map<Seat, int> heirs;
    for (int i = 0; i < kKeys; ++i) {
      const auto key = static_cast<size_t>(i);
      if (before[key] != gone) {
        ASSERT_EQ(after[key], before[key]);
      } else {
        ASSERT_NE(after[key], gone);
        ++heirs[after[key]];
      }
    }
    EXPECT_GT(heirs.size(), 25U) << "one inherits all";
  }
}

TEST(HashRingTest, OneMoreTakesItsShareAndMovesNothingElse) {
  const std::vector<Seat> before = Owners(Ring(Members(99)));
  const std::vector<Seat> after = Owners(Ring(Members(100)));
  int moved = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    if (before[i] == after[i]) continue;
    ASSERT_EQ(after[i], 99);
    ++moved;
  }
  EXPECT_NEAR(moved, kKeys / 100, kKeys / 100 * 0.3);
}

TEST(HashRingTest, AllPodsAgreeWhateverTheOrderAndTheSeats) {
  std::vector<HashRing::Member> members = Members(20);
  const std::vector<Seat> one = Owners(Ring(members));
  // Another pod's: the same names in other seats, and one by one.
  HashRing other;
  for (HashRing::Member& member : members) {
    member.seat = static_cast<Seat>(500 - member.seat);
  }
  std::reverse(members.begin(), members.end());
  for (size_t i = 1; i <= members.size(); ++i) {
    other.Assign(absl::MakeSpan(members.data(), i));
  }
  const std::vector<Seat> two = Owners(other);
  for (size_t i = 0; i < one.size(); ++i) ASSERT_EQ(two[i], 500 - one[i]);
}

TEST(HashRingTest, ChangedStepByStepIsAsMadeAtOnce) {
  std::mt19937 random(1);
  HashRing ring;
  EndpointId next_id = 1;
  std::map<int, HashRing::Member> members;
  for (int step = 0; step < 200; ++step) {
    const int number = static_cast<int>(random() % 30);
    HashRing::Member member = Member(number, 1 + random() % 3);
    member.id = ++next_id;
    if (random() % 2 == 0) {
      members[number] = member;
    } else {
      members.erase(number);
    }
    std::vector<HashRing::Member> now;
    for (const auto& [_, m] : members) now.push_back(m);
    ring.Assign(now);
    const HashRing fresh = Ring(now);
    ASSERT_EQ(ring.empty(), fresh.empty());
    for (int i = 0; i < 200 && !ring.empty(); ++i) {
      const std::string key = absl::StrCat(i);
      ASSERT_EQ(ring.Find(key, nullptr), fresh.Find(key, nullptr));
    }
  }
}

TEST(HashRingTest, KeysOfThoseToAvoidGoWhereTheyWouldIfThoseHadLeft) {
  const HashRing all = Ring(Members(10));
  SeatSet avoid;
  avoid.set(2).set(3);
  const HashRing rest = all.Only(Seats(10) & ~avoid);
  EXPECT_EQ(Owners(all, &avoid), Owners(rest));
  const SeatSet everyone = Seats(10);
  EXPECT_EQ(Owners(all, &everyone), Owners(all));
}

// The search near the place where a hash should be finds what a search through
// all does, also where points lie unevenly.
TEST(HashRingTest, SearchesRight) {
  std::mt19937 random(1);
  for (const int many : {1, 2, 3, 100, 1000}) {
    const HashRing ring = Ring(Members(many));
    for (int i = 0; i < 1000; ++i) {
      const std::string key = absl::StrCat("k", random());
      SeatSet avoid;
      const Seat owner = ring.Find(key, nullptr);
      // Nobody but the owner can be first: without it the key is another's.
      avoid.set(owner);
      if (many > 1) {
        ASSERT_NE(ring.Find(key, &avoid), owner);
      }
      SeatSet only;
      only.set(owner).set(static_cast<size_t>(random()) % many);
      ASSERT_EQ(ring.Only(only).Find(key, nullptr), owner);
    }
  }
}

}  // namespace
}  // namespace outrigger::pool
