// What L1 promises, one promise a test, with each policy.
#include "cache/l1.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace outrigger::cache {
namespace {

constexpr Tick kLong = 1'000'000;

EntryRef Make(absl::string_view key, absl::string_view value, uint64_t version,
              Tick fresh_until = kLong, Tick dead_at = kLong) {
  EntryInfo info;
  info.version = version;
  info.fresh_until = fresh_until;
  info.dead_at = dead_at;
  return Entry::Make(key, value, {}, info, 0);
}

bool Put(L1& l1, const std::string& key, absl::string_view value,
         uint64_t version, Tick dead_at = kLong) {
  return l1.Insert(Make(key, value, version, dead_at, dead_at), L1::Hash(key));
}

EntryRef Get(L1& l1, const std::string& key, Tick now = 0) {
  return l1.Find(key, L1::Hash(key), now);
}

class L1Test : public testing::TestWithParam<Policy> {
 protected:
  L1Options Small() const {
    L1Options options;
    options.policy = GetParam();
    options.max_bytes = 1 << 20;
    return options;
  }
};

INSTANTIATE_TEST_SUITE_P(Policies, L1Test,
                         testing::Values(Policy::kLru, Policy::kLfu,
                                         Policy::kTtl, Policy::kS3Fifo,
                                         Policy::kTinyLfu),
                         [](const auto& info) {
                           return std::string(PolicyName(info.param));
                         });

TEST_P(L1Test, AnEntryThatWasDroppedLivesAsLongAsSomeoneHoldsIt) {
  L1 l1(Small());
  ASSERT_TRUE(Put(l1, "a", "value", 1));
  const EntryRef held = Get(l1, "a");
  ASSERT_TRUE(l1.Erase("a", L1::Hash("a")));
  EXPECT_FALSE(l1.Erase("a", L1::Hash("a")));
  l1.Clear();
  EXPECT_EQ(held->key(), "a");
  EXPECT_EQ(held->value(), "value");
}

TEST_P(L1Test, VersionsNeverGoBack) {
  L1 l1(Small());
  ASSERT_TRUE(Put(l1, "a", "two", 2));
  EXPECT_FALSE(Put(l1, "a", "one", 1));
  EXPECT_EQ(Get(l1, "a")->value(), "two");
  EXPECT_TRUE(Put(l1, "a", "two again", 2));
  EXPECT_TRUE(Put(l1, "a", "three", 3));
  EXPECT_EQ(Get(l1, "a")->value(), "three");
  EXPECT_EQ(l1.Stats().entries, 1u);
}

TEST_P(L1Test, WhatIsDeadIsNotFoundAlsoWhenTicksWrapAround) {
  L1 l1(Small());
  const Tick before = 0xffff'ff00;
  ASSERT_TRUE(Put(l1, "short", "v", 1, before + 100));
  ASSERT_TRUE(Put(l1, "long", "v", 1, before + 1000));  // = 744
  EXPECT_TRUE(Get(l1, "short", before + 99));
  EXPECT_FALSE(Get(l1, "short", before + 100));
  EXPECT_TRUE(Get(l1, "long", before));
  EXPECT_TRUE(Get(l1, "long", before + 999));
  EXPECT_FALSE(Get(l1, "long", before + 1000));
  EXPECT_EQ(l1.Stats().expired, 2u);
  EXPECT_EQ(l1.Stats().entries, 0u);
}

TEST_P(L1Test, ASweepGoesRoundAndDropsTheDead) {
  L1Options options = Small();
  options.max_bytes = 4 << 20;
  options.shards = 4;
  L1 l1(options);
  EXPECT_EQ(l1.Sweep(0, 1000), 0u);
  for (int i = 0; i < 4000; ++i) {
    ASSERT_TRUE(Put(l1, absl::StrCat(i), "v", 1, i % 2 == 0 ? 10 : 1000));
  }
  const size_t places = l1.Sweep(5, 300);
  EXPECT_GE(places, 4000u);
  EXPECT_EQ(l1.Stats().expired, 0u);
  for (size_t swept = 0; swept < places + 300; swept += 300) l1.Sweep(20, 300);
  // One that moved over the end of a table while it was swept may be missed.
  EXPECT_GE(l1.Stats().expired, 1990u);
  l1.Sweep(20, 2 * places);
  EXPECT_EQ(l1.Stats().expired, 2000u);
  EXPECT_EQ(l1.Stats().entries, 2000u);
}

TEST_P(L1Test, WhatIsLargerThanAShardNeverEnters) {
  L1Options options = Small();
  options.max_bytes = 64 << 10;
  L1 l1(options);
  ASSERT_TRUE(Put(l1, "small", "v", 1));
  EXPECT_FALSE(Put(l1, "large", std::string(64 << 10, 'v'), 1));
  EXPECT_EQ(l1.Stats().too_large, 1u);
  EXPECT_TRUE(Get(l1, "small")) << "left for one that could not enter";
  EXPECT_FALSE(Put(l1, "small", std::string(64 << 10, 'v'), 2));
  EXPECT_FALSE(Get(l1, "small")) << "known to be out of date";
  EXPECT_TRUE(Put(l1, "half", std::string(32 << 10, 'v'), 1));
}

TEST_P(L1Test, NoRoomForAnythingIsNoMore) {
  L1Options options = Small();
  options.max_bytes = 1;
  L1 l1(options);
  EXPECT_FALSE(Put(l1, "a", "v", 1));
  EXPECT_FALSE(Get(l1, "a"));
  EXPECT_EQ(l1.Stats().bytes, 0u);
}

TEST_P(L1Test, AllIsCountedAndAllIsGivenBack) {
  L1Options options = Small();
  options.max_bytes = 64 << 20;
  options.shards = 1;
  L1 l1(options);
  size_t entries = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string key = absl::StrCat("key", i);
    EntryRef entry = Make(key, "value", 1);
    entries += entry->bytes();
    ASSERT_TRUE(l1.Insert(std::move(entry), L1::Hash(key)));
  }
  const L1Stats stats = l1.Stats();
  EXPECT_EQ(stats.entries, 10'000u);
  EXPECT_GT(stats.bytes, entries + 8 * 10'000) << "the index is memory, too";
  // Beyond key and value, and what malloc rounds: no more than 64 bytes each.
  EXPECT_LT(stats.bytes, entries + 20 * 10'000);
  for (int i = 0; i < 10'000; ++i) {
    const std::string key = absl::StrCat("key", i);
    ASSERT_TRUE(l1.Erase(key, L1::Hash(key)));
  }
  EXPECT_EQ(l1.Stats().entries, 0u);
}

TEST_P(L1Test, WhatIsReadIsHot) {
  L1Options options = Small();
  options.max_bytes = 4 << 20;
  options.shards = 2;
  L1 l1(options);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(Put(l1, absl::StrCat(i), "v", 1));
  for (int round = 0; round < 3; ++round) {
    for (int i = 500; i < 510; ++i) ASSERT_TRUE(Get(l1, absl::StrCat(i)));
  }
  std::vector<std::string> hot;
  l1.VisitHot(20, [&](const Entry& entry) { hot.emplace_back(entry.key()); });
  EXPECT_LE(hot.size(), 20u);
  if (GetParam() == Policy::kTtl) return;  // looks at no reads
  int found = 0;
  for (int i = 500; i < 510; ++i) {
    found += std::count(hot.begin(), hot.end(), absl::StrCat(i));
  }
  EXPECT_GE(found, 9);
}

// For the thread sanitizer, and for what must hold in the end.
TEST_P(L1Test, ManyThreadsAtOnce) {
  L1Options options = Small();
  options.max_bytes = 256 << 10;
  options.max_entries = 2000;
  options.shards = 2;
  L1 l1(options);
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < 4; ++t) {
    threads.emplace_back([&l1, t] {
      std::mt19937 random(t);
      for (uint32_t i = 0; i < 10'000; ++i) {
        const std::string key = absl::StrCat(random() % 3000);
        if (const EntryRef entry = Get(l1, key, i / 10)) {
          ASSERT_EQ(entry->value(), key);
          entry->set_checked(entry->checked() + 1);
          if (i % 13 == 0) l1.EraseIf(*entry, L1::Hash(key));
        } else {
          Put(l1, key, key, i, i / 10 + 200);
        }
        if (i % 17 == 0) l1.Erase(key, L1::Hash(key));
        if (i % 97 == 0) l1.Sweep(i / 10, 300);
        if (i % 997 == 0)
          l1.VisitHot(50,
                      [](const Entry& e) { ASSERT_EQ(e.key(), e.value()); });
        if (i == 5000 && t == 0) l1.Clear();
        ASSERT_LE(l1.Stats().bytes, size_t{256} << 10);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(l1.Stats().entries, 2000u);
}

TEST(L1SizeTest, SmallCachesAreNotDivided) {
  // A shard of a divided cache could not hold this.
  L1Options options;
  options.max_bytes = 31 << 20;
  L1 small(options);
  EXPECT_TRUE(Put(small, "a", std::string(30 << 20, 'v'), 1));
  options.max_bytes = 32 << 20;
  L1 divided(options);
  EXPECT_FALSE(Put(divided, "a", std::string(30 << 20, 'v'), 1));
}

}  // namespace
}  // namespace outrigger::cache
