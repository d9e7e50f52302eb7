// The cache while the store is out of reach, and when it is back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/cache_fleet.h"

namespace outrigger {
namespace {

using coord::CacheStatus;
using coord::GetAnswer;
using coord::SetReason;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

std::string ValueOf(const GetAnswer& answer) {
  return answer.entry ? std::string(answer.entry->value()) : "(none)";
}

TEST(CacheOutageTest, CopiesAreServedAsStaleForTheirTime) {
  CacheFleet fleet(1);
  fleet[0].Put("k", "v");
  fleet[0].Got("k");
  fleet[0].link().Cut();
  const GetAnswer stale = fleet[0].Got("k");
  EXPECT_EQ(stale.status, CacheStatus::kStale);
  EXPECT_EQ(ValueOf(stale), "v");
  EXPECT_FALSE(stale.coherent);
  EXPECT_TRUE(stale.degraded);
  EXPECT_EQ(stale.fill_token, "");
  fleet.Advance(seconds(31));
  const GetAnswer gone = fleet[0].Got("k");
  EXPECT_EQ(gone.status, CacheStatus::kMiss);
  EXPECT_TRUE(gone.degraded);
}

TEST(CacheOutageTest, AKeyIsLoadedOnceInThePodAndKeptThere) {
  CacheFleet fleet(2);
  fleet[0].link().Cut();
  fleet[1].link().Cut();
  const GetAnswer loader = fleet[0].Got("k");
  EXPECT_FALSE(loader.fill_token.empty());
  EXPECT_TRUE(loader.degraded);
  auto second = fleet[0].Get("k");
  EXPECT_FALSE(second->has_value());
  EXPECT_FALSE(fleet[1].Got("k").fill_token.empty());  // another pod: its own
  const auto set = fleet[0].Put("k", "v", loader.fill_token);
  EXPECT_TRUE(set.stored);
  EXPECT_TRUE(set.degraded);
  ASSERT_TRUE(second->has_value());
  EXPECT_EQ(ValueOf((*second)->value()), "v");
  EXPECT_EQ(fleet[0].Got("k").status, CacheStatus::kStale);
}

TEST(CacheOutageTest, WhenItIsBackNothingUnverifiedIsLeft) {
  CacheFleet fleet(2);
  fleet[0].Put("k", "old");
  fleet[0].Got("k");
  fleet[0].link().Cut();
  const GetAnswer loader = fleet[0].Got("other");
  fleet[0].Put("other", "island", loader.fill_token);
  fleet[1].Put("k", "new");
  fleet[0].link().Mend();
  const GetAnswer hit = fleet[0].Got("k");
  EXPECT_EQ(ValueOf(hit), "new");
  EXPECT_TRUE(hit.coherent);
  EXPECT_EQ(fleet[0].Got("other").status, CacheStatus::kMiss);
}

TEST(CacheOutageTest, ALocalTokenIsWorthlessWhenTheStoreIsBack) {
  CacheFleet fleet(1);
  fleet[0].link().Cut();
  const GetAnswer loader = fleet[0].Got("k");
  fleet[0].link().Mend();
  EXPECT_EQ(fleet[0].Put("k", "v", loader.fill_token).reason,
            SetReason::kFillRevoked);
}

TEST(CacheOutageTest, WaitersAreServedWhenTheStoreComesBack) {
  CacheFleet fleet(2);
  fleet[1].Put("k", "v");
  fleet[0].link().Cut();
  fleet[0].Got("k");
  auto waiting = fleet[0].Get("k");
  EXPECT_FALSE(waiting->has_value());
  fleet[0].link().Mend();
  ASSERT_TRUE(waiting->has_value());
  EXPECT_EQ(ValueOf((*waiting)->value()), "v");
}

TEST(CacheOutageTest, WhatCouldNotBeInvalidatedIsWhenTheStoreIsBack) {
  CacheFleet fleet(2);
  for (const char* key : {"key", "set", "deleted"}) fleet[1].Put(key, "old");
  fleet[1].Put("tagged", "old", "", {"t"});
  fleet[0].link().Cut();
  coord::InvalidateQuery query;
  query.keys = {"key"};
  query.tags = {"t"};
  EXPECT_TRUE(fleet[0].Invalidate(query)->value()->degraded);
  const auto set = fleet[0].Put("set", "new");
  EXPECT_FALSE(set.stored);
  EXPECT_EQ(set.reason, SetReason::kStoreUnavailable);
  EXPECT_EQ(ValueOf(fleet[0].Got("set")), "new");  // in this pod, as stale
  auto [deleted, done] = NewOutcome<coord::DeleteAnswer>();
  fleet[0].cache().Delete("ns", "deleted", 0, std::move(done));
  EXPECT_TRUE((*deleted)->value().degraded);
  EXPECT_EQ(ValueOf(fleet[1].Got("key")), "old");
  fleet[0].link().Mend();
  for (const char* key : {"key", "set", "deleted", "tagged"}) {
    EXPECT_EQ(fleet[1].Look(key).status, CacheStatus::kMiss) << key;
  }
}

TEST(CacheOutageTest, AfterAFailoverTheLastMinutesInvalidationsAreRepeated) {
  CacheFleet fleet(2);
  coord::InvalidateQuery query;
  query.keys = {"long ago"};
  fleet[0].Invalidate(query);
  fleet.Advance(seconds(61));
  query.keys = {"lately"};
  fleet[0].Invalidate(query);
  // The replica that takes over has not got them.
  fleet[1].Put("long ago", "old");
  fleet[1].Put("lately", "old");
  fleet[0].link().Cut();
  fleet[0].link().Mend(/*forgot=*/true);
  EXPECT_EQ(fleet[1].Look("lately").status, CacheStatus::kMiss);
  EXPECT_EQ(fleet[1].Look("long ago").status, CacheStatus::kHit);
}

TEST(CacheOutageTest, AMereReconnectRepeatsNothing) {
  CacheFleet fleet(2);
  coord::InvalidateQuery query;
  query.keys = {"k"};
  fleet[0].Invalidate(query);
  fleet[1].Put("k", "new");
  fleet[0].link().Cut();
  fleet[0].link().Mend(/*forgot=*/false);
  EXPECT_EQ(fleet[1].Look("k").status, CacheStatus::kHit);
}

TEST(CacheOutageTest, AFlushedStoreEmptiesThePods) {
  CacheFleet fleet(1);
  fleet[0].Put("k", "v");
  fleet[0].Got("k");
  fleet.shared().Flush();
  EXPECT_EQ(fleet[0].Got("k").status, CacheStatus::kMiss);
}

TEST(CacheOutageTest, WriteBehindWaitsInABoundedQueueThatRefuses) {
  cache::Options options = TestCacheOptions();
  options.namespaces[0].max_pending_writes = 2;
  CacheFleet fleet(2, options);
  fleet[0].link().Cut();
  coord::SetQuery set;
  set.write_behind = true;
  for (const char* key : {"a", "b"}) {
    set.key = key;
    set.value = key;
    const auto answer = fleet[0].Set(set)->value().value();
    EXPECT_TRUE(answer.stored);
    EXPECT_TRUE(answer.degraded);
  }
  EXPECT_EQ(ValueOf(fleet[0].Got("a")), "a");
  set.key = "c";
  EXPECT_EQ(fleet[0].Set(set)->value().status().code(),
            absl::StatusCode::kResourceExhausted);
  fleet[0].link().Mend();
  EXPECT_EQ(ValueOf(fleet[1].Got("a")), "a");
  auto [pulled, done] = NewOutcome<std::vector<store::JournalEntry>>();
  coord::Cache::PullQuery pull;
  pull.ns = "ns";
  pull.consumer = "c";
  fleet[1].cache().Pull(pull, std::move(done));
  ASSERT_EQ((*pulled)->value().size(), 2u);
  EXPECT_EQ((*pulled)->value()[0].key, "a");
  EXPECT_EQ((*pulled)->value()[1].key, "b");
}

TEST(CacheOutageTest, LostNewsIsMadeUpForWhenTheLossIsNoticed) {
  CacheFleet fleet(2);
  fleet[0].Put("k", "old");
  fleet[1].Got("k");
  fleet[1].link().LoseNews();
  fleet[0].Put("k", "new");
  fleet[1].link().NoticeLoss();
  // The store still answers: what it says is verified, though copies are not.
  const GetAnswer read = fleet[1].Got("k");
  EXPECT_EQ(ValueOf(read), "new");
  EXPECT_TRUE(read.coherent);
  fleet[1].link().HearNews(false);
  EXPECT_EQ(ValueOf(fleet[1].Got("k")), "new");
}

TEST(CacheOutageTest, DrainAnswersAllThatWaits) {
  CacheFleet fleet(1);
  fleet[0].Got("k");
  auto waiting = fleet[0].Get("k");
  auto [pulled, done] = NewOutcome<std::vector<store::JournalEntry>>();
  coord::Cache::PullQuery pull;
  pull.ns = "ns";
  pull.consumer = "c";
  pull.wait = minutes(1);
  fleet[0].cache().Pull(pull, std::move(done));
  fleet[0].cache().Drain();
  ASSERT_TRUE(waiting->has_value());
  EXPECT_EQ((*waiting)->value().status, CacheStatus::kMiss);
  ASSERT_TRUE(pulled->has_value());
}

TEST(CacheOutageTest, TooManyWaitersAreRefused) {
  FakeClock clock;
  ManualExecutor executor(clock);
  store::MemoryCacheStore shared(clock, 1 << 20);
  CacheHub hub(shared);
  coord::Cache::Bounds bounds;
  bounds.max_parked = 2;
  CachePod pod(TestCacheOptions(), hub, clock, executor, 1, bounds);
  pod.Got("k");
  auto first = pod.Get("k");
  auto second = pod.Get("k");
  EXPECT_EQ(pod.Get("k")->value().status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_FALSE(second->has_value());
}

TEST(CacheOutageTest, ADamagedOrForeignRecordIsAMiss) {
  CacheFleet fleet(1);
  store::WriteRequest write;
  write.key = {"ns", "k"};
  write.record = std::string(44, 'x') + "not a record of ours";
  write.fresh_for_ms = write.keep_for_ms = 60'000;
  fleet.shared().Write(std::move(write),
                       [](const absl::StatusOr<store::WriteReply>&) {});
  const GetAnswer miss = fleet[0].Got("k");
  EXPECT_EQ(miss.status, CacheStatus::kMiss);
  EXPECT_TRUE(fleet[0].Put("k", "v", miss.fill_token).stored);
  EXPECT_EQ(ValueOf(fleet[0].Got("k")), "v");
}

TEST(CacheOutageTest, ARecordWithADamagedBodyIsLoadedAnew) {
  CacheFleet fleet(1);
  fleet[0].Put("k", "some value");
  std::string record;
  fleet.shared().Read({"ns", "k"}, [&](absl::StatusOr<std::string> bytes) {
    record = *std::move(bytes);
  });
  record.back() ^= 1;
  store::WriteRequest write;
  write.key = {"ns", "k"};
  write.record = record;
  write.fresh_for_ms = write.keep_for_ms = 60'000;
  fleet.shared().Write(std::move(write),
                       [](const absl::StatusOr<store::WriteReply>&) {});
  const GetAnswer miss = fleet[0].Got("k");
  EXPECT_EQ(miss.status, CacheStatus::kMiss);
  EXPECT_TRUE(fleet[0].Put("k", "v", miss.fill_token).stored);
  EXPECT_EQ(ValueOf(fleet[0].Got("k")), "v");
}

// What waits in the pod is newer than what the store says.
TEST(CacheOutageTest, WhatIsNotSettledIsNotCoherent) {
  CacheFleet fleet(2);
  fleet[0].Put("k", "old");
  fleet[0].Got("k");
  fleet[0].link().FailWrites(true);
  coord::SetQuery set;
  set.key = "k";
  set.value = "new";
  set.write_behind = true;
  EXPECT_TRUE(fleet[0].Set(set)->value()->degraded);
  EXPECT_FALSE(fleet[0].Got("k").coherent);
  EXPECT_FALSE(fleet[0].Got("k").coherent);  // nor is it kept
  EXPECT_TRUE(fleet[1].Got("k").coherent);   // which knows nothing of it
  fleet[0].link().FailWrites(false);
  fleet.Advance(seconds(1));
  EXPECT_EQ(ValueOf(fleet[1].Got("k")), "new");
  EXPECT_TRUE(fleet[0].Got("k").coherent);
}

TEST(CacheOutageTest, WritesOfAKeyThatWaitsKeepTheirOrder) {
  CacheFleet fleet(1);
  fleet[0].link().FailWrites(true);
  coord::SetQuery set;
  set.key = "k";
  set.value = "first";
  set.write_behind = true;
  fleet[0].Set(set);
  set.key = "deleted";
  fleet[0].Set(set);
  fleet[0].link().FailWrites(false);
  EXPECT_TRUE(fleet[0].Put("k", "second").stored);  // waits behind the first
  set = {};
  set.key = "k";
  set.value = "third";
  set.if_absent = true;
  EXPECT_EQ(fleet[0].Set(set)->value()->reason, SetReason::kStoreUnavailable);
  coord::InvalidateQuery invalidate;
  invalidate.keys = {"deleted"};
  fleet[0].Invalidate(invalidate);
  fleet.Advance(seconds(1));
  EXPECT_EQ(ValueOf(fleet[0].Got("k")), "second");
  EXPECT_EQ(fleet[0].Look("deleted").status, CacheStatus::kMiss);
  bool flushed = false;
  fleet[0].cache().FlushWrites([&] { flushed = true; });
  EXPECT_TRUE(flushed);
  EXPECT_EQ(fleet[0].cache().pending_writes(), 0u);
}

TEST(CacheOutageTest, AWriteThatSucceedsMakesUpForOneThatFailed) {
  CacheFleet fleet(1);
  fleet[0].link().FailWrites(true);
  EXPECT_FALSE(fleet[0].Put("k", "lost").stored);
  fleet[0].link().FailWrites(false);
  EXPECT_TRUE(fleet[0].Put("k", "kept").stored);
  fleet.Advance(seconds(1));
  EXPECT_EQ(ValueOf(fleet[0].Got("k")), "kept");
}

TEST(CacheOutageTest, AStoppedPodKnowsThatItHasNotHeard) {
  CacheFleet fleet(1);
  fleet[0].Put("k", "v");
  fleet[0].Got("k");
  const int reads = fleet[0].link().reads();
  fleet[0].link().SetHeardUntil(fleet.clock().Now());
  EXPECT_EQ(ValueOf(fleet[0].Got("k")), "v");
  EXPECT_EQ(fleet[0].link().reads(), reads + 1);
}

}  // namespace
}  // namespace outrigger
