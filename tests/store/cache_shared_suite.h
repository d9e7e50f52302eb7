// What every store::CacheStore promises of marks, journals and hot keys.
#ifndef OUTRIGGER_TESTS_STORE_CACHE_SHARED_SUITE_H_
#define OUTRIGGER_TESTS_STORE_CACHE_SHARED_SUITE_H_

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "store/cache_store_testing.h"

namespace outrigger::store {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

inline std::vector<std::string> KeysOf(
    const absl::StatusOr<std::vector<JournalEntry>>& entries) {
  std::vector<std::string> keys;
  if (!entries.ok()) return {entries.status().ToString()};
  for (const JournalEntry& entry : *entries) keys.push_back(entry.key);
  return keys;
}

inline std::vector<std::string> IdsOf(
    const absl::StatusOr<std::vector<JournalEntry>>& entries) {
  std::vector<std::string> ids;
  if (!entries.ok()) return {entries.status().ToString()};
  for (const JournalEntry& entry : *entries) ids.push_back(entry.id);
  return ids;
}

TEST_P(CacheStoreSuite, MarksAreNumberedAndKept) {
  const auto none = call_.ReadMarks("ns");
  ASSERT_EQ(none.status(), absl::OkStatus());
  EXPECT_EQ(none->last, 0u);
  EXPECT_EQ(none->complete_after, 0u);
  const uint64_t first =
      *call_.AddMarks("ns", {"red", "a b\n\xff"}, {"user:*"});
  const uint64_t second = *call_.AddMarks("ns", {"red"}, {"* 1 x"}, true);
  EXPECT_GT(second, first);
  EXPECT_NEAR(static_cast<double>(second),
              static_cast<double>(under_test_->store().NowMs()) * 1e3, 20e6);
  const auto marks = call_.ReadMarks("ns");
  ASSERT_EQ(marks.status(), absl::OkStatus());
  EXPECT_EQ(marks->last, second);
  EXPECT_EQ(marks->complete_after, 0u);
  EXPECT_EQ(marks->floor, 0u);
  ASSERT_THAT(marks->tags, SizeIs(3));
  EXPECT_EQ(marks->tags[0].name, "red");
  EXPECT_EQ(marks->tags[0].number, first);
  EXPECT_FALSE(marks->tags[0].soft);
  EXPECT_EQ(marks->tags[1].name, "a b\n\xff");
  EXPECT_EQ(marks->tags[2].number, second);
  EXPECT_TRUE(marks->tags[2].soft);
  ASSERT_THAT(marks->globs, SizeIs(2));
  EXPECT_EQ(marks->globs[0].name, "user:*");
  EXPECT_EQ(marks->globs[1].name, "* 1 x");
  EXPECT_TRUE(marks->globs[1].soft);
  EXPECT_THAT(call_.ReadMarks("other")->tags, IsEmpty());
}

TEST_P(CacheStoreSuite, TheLastNumbersOfATagAreKept) {
  const uint64_t hard = *call_.AddMarks("ns", {"red", "blue"});
  const uint64_t soft = *call_.AddMarks("ns", {"red"}, {}, /*soft=*/true);
  const auto tags = call_.ReadTags("ns", {"blue", "green", "red"});
  ASSERT_EQ(tags.status(), absl::OkStatus());
  ASSERT_THAT(*tags, SizeIs(3));
  EXPECT_EQ((*tags)[0].hard, hard);
  EXPECT_EQ((*tags)[0].soft, 0u);
  EXPECT_EQ((*tags)[1].hard, 0u);
  EXPECT_EQ((*tags)[2].hard, hard);
  EXPECT_EQ((*tags)[2].soft, soft);
  EXPECT_THAT(*call_.ReadTags("ns", {}), IsEmpty());
  EXPECT_EQ((*call_.ReadTags("other", {"red"}))[0].hard, 0u);
}

TEST_P(CacheStoreSuite, OldTagMarksAreForgottenButForTheirNumbers) {
  const uint64_t first = *call_.AddMarks("ns", {"first"});
  std::vector<std::string> many;
  for (int i = 0; i < kMaxRecentTags; ++i) {
    many.push_back("t" + std::to_string(i));
  }
  const uint64_t last = *call_.AddMarks("ns", many);
  const auto marks = call_.ReadMarks("ns");
  ASSERT_EQ(marks.status(), absl::OkStatus());
  ASSERT_THAT(marks->tags, SizeIs(kMaxRecentTags));
  EXPECT_EQ(marks->tags[0].name, "t0");
  EXPECT_EQ(marks->complete_after, first);
  EXPECT_EQ(marks->last, last);
  EXPECT_EQ((*call_.ReadTags("ns", {"first"}))[0].hard, first);
}

TEST_P(CacheStoreSuite, TooManyGlobsInvalidateAllThatIsOlder) {
  std::vector<uint64_t> numbers;
  for (int i = 0; i < kMaxGlobs + 3; ++i) {
    numbers.push_back(*call_.AddMarks("ns", {}, {"g" + std::to_string(i)}));
  }
  const auto marks = call_.ReadMarks("ns");
  ASSERT_EQ(marks.status(), absl::OkStatus());
  ASSERT_THAT(marks->globs, SizeIs(kMaxGlobs));
  EXPECT_EQ(marks->globs[0].name, "g3");
  EXPECT_EQ(marks->floor, numbers[2]);
  EXPECT_EQ(marks->last, numbers.back());
  EXPECT_THAT(marks->tags, IsEmpty());
}

TEST_P(CacheStoreSuite, MarksAreTold) {
  ASSERT_TRUE(Comes([&] { return heard_.verified(); }));
  ASSERT_TRUE(call_.AddMarks("tags", {"red"}).ok());
  EXPECT_TRUE(Comes([&] { return heard_.Marked("tags"); }));
  ASSERT_TRUE(call_.AddMarks("globs", {}, {"*"}).ok());
  EXPECT_TRUE(Comes([&] { return heard_.Marked("globs"); }));
}

TEST_P(CacheStoreSuite, TheJournalGivesEachEntryToOne) {
  EXPECT_THAT(KeysOf(call_.Pull("ns", "a")), IsEmpty());
  ASSERT_TRUE(call_.Append("ns", "k\r\n1", std::string("\0v", 2), 17).ok());
  const auto id = call_.Append("ns", "k2", "", 18, /*absent=*/true);
  ASSERT_TRUE(id.ok());
  ASSERT_TRUE(call_.Append("other", "k3", "v").ok());
  const auto entries = call_.Pull("ns", "a");
  ASSERT_EQ(entries.status(), absl::OkStatus());
  ASSERT_THAT(*entries, SizeIs(2));
  EXPECT_EQ((*entries)[0].key, "k\r\n1");
  EXPECT_EQ((*entries)[0].value, std::string("\0v", 2));
  EXPECT_EQ((*entries)[0].version, 17u);
  EXPECT_FALSE((*entries)[0].absent);
  EXPECT_EQ((*entries)[1].id, *id);
  EXPECT_TRUE((*entries)[1].absent);
  EXPECT_THAT(KeysOf(call_.Pull("ns", "a")), IsEmpty());
  EXPECT_THAT(KeysOf(call_.Pull("ns", "b")), IsEmpty());
}

TEST_P(CacheStoreSuite, NoMoreThanAskedFor) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(call_.Append("ns", std::to_string(i), "v").ok());
  }
  EXPECT_THAT(KeysOf(call_.Pull("ns", "a", 2)), ElementsAre("0", "1"));
  EXPECT_THAT(KeysOf(call_.Pull("ns", "b", 2)), ElementsAre("2", "3"));
  EXPECT_THAT(KeysOf(call_.Pull("ns", "a", 2)), ElementsAre("4"));
  EXPECT_THAT(KeysOf(call_.Pull("ns", "a", 2, /*again=*/true)),
              ElementsAre("0", "1"));
}

TEST_P(CacheStoreSuite, AConsumerThatComesBackGetsItsOwnAgain) {
  for (const char* key : {"1", "2", "3"}) {
    ASSERT_TRUE(call_.Append("ns", key, "v").ok());
  }
  const auto given = call_.Pull("ns", "a", 2);
  ASSERT_THAT(IdsOf(given), SizeIs(2));
  EXPECT_EQ(call_.Acknowledge("ns", {(*given)[0].id}), absl::OkStatus());
  EXPECT_THAT(KeysOf(call_.Pull("ns", "a", 100, /*again=*/true)),
              ElementsAre("2", "3"));
  EXPECT_THAT(KeysOf(call_.Pull("ns", "b", 100, /*again=*/true)), IsEmpty());
}

TEST_P(CacheStoreSuite, ADeadConsumersEntriesAreTakenOver) {
  ASSERT_TRUE(call_.Append("ns", "1", "v").ok());
  ASSERT_THAT(KeysOf(call_.Pull("ns", "dead")), ElementsAre("1"));
  ASSERT_TRUE(call_.Append("ns", "2", "v").ok());
  std::set<std::string> seen;
  EXPECT_TRUE(Comes([&] {
    for (const std::string& key :
         KeysOf(call_.Pull("ns", "b", 100, false, /*take_over_ms=*/20))) {
      seen.insert(key);
    }
    return seen == std::set<std::string>{"1", "2"};
  }));
}

TEST_P(CacheStoreSuite, WhatIsAcknowledgedNeverComesAgain) {
  ASSERT_TRUE(call_.Append("ns", "1", "v").ok());
  ASSERT_TRUE(call_.Append("ns", "2", "v").ok());
  const auto given = call_.Pull("ns", "a");
  ASSERT_THAT(IdsOf(given), SizeIs(2));
  EXPECT_EQ(call_.Acknowledge("ns", {(*given)[1].id}), absl::OkStatus());
  EXPECT_EQ(call_.Acknowledge("ns", {(*given)[1].id, "0-1"}), absl::OkStatus());
  EXPECT_EQ(call_.Acknowledge("ns", {}), absl::OkStatus());
  EXPECT_EQ(call_.Acknowledge("unknown", {"1-1"}), absl::OkStatus());
  for (const char* consumer : {"a", "b"}) {
    EXPECT_THAT(KeysOf(call_.Pull("ns", consumer, 100, true, 0)),
                ElementsAre("1"));
  }
}

TEST_P(CacheStoreSuite, TheJournalIsTold) {
  ASSERT_TRUE(Comes([&] { return heard_.verified(); }));
  ASSERT_TRUE(call_.Append("ns", "k", "v").ok());
  EXPECT_TRUE(Comes([&] { return heard_.JournalChanged("ns"); }));
}

TEST_P(CacheStoreSuite, TheMostReadKeysComeFirst) {
  EXPECT_THAT(*call_.ReadHotKeys("ns", 10), IsEmpty());
  ASSERT_TRUE(call_.AddHotKeys("ns", {{"a", 5}, {"b", 7}, {"c", 0.5}}).ok());
  ASSERT_TRUE(call_.AddHotKeys("ns", {{"a", 9}, {"d", 1}}).ok());
  ASSERT_TRUE(call_.AddHotKeys("ns", {}).ok());
  const auto names = [&](int most) {
    const auto hot = call_.ReadHotKeys("ns", most);
    std::vector<std::string> names;
    for (const HotKey& key : *hot) names.push_back(key.key);
    return names;
  };
  EXPECT_THAT(names(10), ElementsAre("a", "b", "d", "c"));
  EXPECT_THAT(names(2), ElementsAre("a", "b"));
  EXPECT_GT((*call_.ReadHotKeys("ns", 1))[0].reads, 9);
  EXPECT_THAT(*call_.ReadHotKeys("other", 10), IsEmpty());
}

TEST_P(CacheStoreSuite, HotKeysAreBounded) {
  std::vector<HotKey> keys;
  for (int i = 1; i <= 3000; ++i) {
    keys.push_back({"k" + std::to_string(i), static_cast<double>(i)});
  }
  ASSERT_TRUE(call_.AddHotKeys("ns", keys).ok());
  ASSERT_TRUE(call_.AddHotKeys("ns", {{"new", 1e6}}).ok());
  const auto hot = call_.ReadHotKeys("ns", 10'000);
  ASSERT_EQ(hot.status(), absl::OkStatus());
  EXPECT_LE(hot->size(), 2000u);
  EXPECT_GE(hot->size(), 999u);
  EXPECT_EQ((*hot)[0].key, "new");
  EXPECT_EQ((*hot)[1].key, "k3000");
}

}  // namespace outrigger::store

#endif  // OUTRIGGER_TESTS_STORE_CACHE_SHARED_SUITE_H_
