// The cache in pods of a fleet, without faults: what each call promises.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
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

TEST(CacheTest, AMissGivesOneTokenAndTheLoadedValueIsAHit) {
  CacheFleet fleet(1);
  const GetAnswer miss = fleet[0].Got("k");
  EXPECT_EQ(miss.status, CacheStatus::kMiss);
  EXPECT_FALSE(miss.fill_token.empty());
  EXPECT_TRUE(miss.coherent);
  fleet.Advance(milliseconds(20));
  const auto set = fleet[0].Put("k", "v", miss.fill_token);
  EXPECT_TRUE(set.stored);
  const GetAnswer hit = fleet[0].Got("k");
  EXPECT_EQ(hit.status, CacheStatus::kHit);
  EXPECT_EQ(ValueOf(hit), "v");
  EXPECT_EQ(hit.version(), set.version);
  EXPECT_TRUE(hit.coherent);
  EXPECT_FALSE(hit.degraded);
  EXPECT_NEAR(hit.entry->load_ms(), 20, 2);
}

TEST(CacheTest, TheSecondReadIsAnsweredFromThePodsCopy) {
  CacheFleet fleet(1);
  fleet[0].Put("k", "v");
  fleet[0].Got("k");
  const int reads = fleet[0].link().reads();
  EXPECT_EQ(ValueOf(fleet[0].Got("k")), "v");
  EXPECT_EQ(fleet[0].link().reads(), reads);
}

TEST(CacheTest, OthersWaitForTheLoaderInAnyPod) {
  CacheFleet fleet(2);
  const GetAnswer loader = fleet[0].Got("k");
  auto same_pod = fleet[0].Get("k");
  auto other_pod = fleet[1].Get("k");
  EXPECT_FALSE(same_pod->has_value());
  EXPECT_FALSE(other_pod->has_value());
  fleet.Advance(milliseconds(30));
  EXPECT_TRUE(fleet[0].Put("k", "v", loader.fill_token).stored);
  ASSERT_TRUE(same_pod->has_value());
  ASSERT_TRUE(other_pod->has_value());
  EXPECT_EQ(ValueOf((*other_pod)->value()), "v");
  EXPECT_EQ((*other_pod)->value().waited, milliseconds(30));
}

TEST(CacheTest, TwoHundredCallersOfFourPodsLoadOnce) {
  CacheFleet fleet(4);
  std::vector<Outcome<GetAnswer>> outcomes;
  std::string token;
  int tokens = 0;
  for (int i = 0; i < 200; ++i) {
    outcomes.push_back(fleet[static_cast<size_t>(i % 4)].Get("k"));
    if (!outcomes.back()->has_value()) continue;
    ++tokens;
    token = (*outcomes.back())->value().fill_token;
  }
  EXPECT_EQ(tokens, 1);
  EXPECT_TRUE(fleet[3].Put("k", "v", token).stored);
  for (const auto& outcome : outcomes) EXPECT_TRUE(outcome->has_value());
}

TEST(CacheTest, ALoaderThatAbandonsLetsTheNextOneLoad) {
  CacheFleet fleet(2);
  const GetAnswer loader = fleet[0].Got("k");
  auto next = fleet[1].Get("k");
  auto [abandoned, done] = NewOutcome<bool>();
  fleet[0].cache().Abandon("ns", "k", loader.fill_token, std::move(done));
  ASSERT_TRUE(next->has_value());
  EXPECT_FALSE((*next)->value().fill_token.empty());
  EXPECT_EQ(fleet[0].Put("k", "late", loader.fill_token).reason,
            SetReason::kFillRevoked);
}

TEST(CacheTest, ALoaderThatDiesIsReplacedWhenItsLeaseEnds) {
  CacheFleet fleet(2);
  fleet[0].Got("k");
  coord::GetQuery query;
  query.ns = "ns";
  query.key = "k";
  query.max_wait = minutes(1);
  auto next = fleet[1].Get(query);
  fleet.Advance(seconds(4));
  EXPECT_FALSE(next->has_value());
  fleet.Advance(seconds(2));
  ASSERT_TRUE(next->has_value());
  EXPECT_FALSE((*next)->value().fill_token.empty());
}

TEST(CacheTest, ALateLoaderMayStoreIfNobodyElseHasBegun) {
  CacheFleet fleet(1);
  const GetAnswer loader = fleet[0].Got("k");
  fleet.Advance(seconds(20));
  EXPECT_TRUE(fleet[0].Put("k", "v", loader.fill_token).stored);
}

TEST(CacheTest, AWriteOrInvalidationDuringALoadWins) {
  CacheFleet fleet(2);
  const GetAnswer one = fleet[0].Got("k");
  fleet[1].Put("k", "newer");
  EXPECT_EQ(fleet[0].Put("k", "older", one.fill_token).reason,
            SetReason::kFillRevoked);
  EXPECT_EQ(ValueOf(fleet[0].Got("k")), "newer");

  const GetAnswer two = fleet[0].Got("other");
  coord::InvalidateQuery invalidate;
  invalidate.keys = {"other"};
  fleet[1].Invalidate(invalidate);
  EXPECT_FALSE(fleet[0].Put("other", "older", two.fill_token).stored);
}

TEST(CacheTest, ATagThatIsInvalidatedDuringALoadMakesItsValueUseless) {
  CacheFleet fleet(2);
  const GetAnswer loader = fleet[0].Got("k");
  coord::InvalidateQuery invalidate;
  invalidate.tags = {"t"};
  fleet[1].Invalidate(invalidate);
  fleet[0].Put("k", "older", loader.fill_token, {"t"});
  EXPECT_EQ(fleet[0].Look("k").status, CacheStatus::kMiss);
  EXPECT_EQ(fleet[1].Look("k").status, CacheStatus::kMiss);
}

TEST(CacheTest, AWaiterGivesUpAfterItsTimeWithAMiss) {
  CacheFleet fleet(1);
  fleet[0].Got("k");
  coord::GetQuery query;
  query.ns = "ns";
  query.key = "k";
  query.max_wait = milliseconds(100);
  auto waiting = fleet[0].Get(query);
  fleet.Advance(milliseconds(99));
  EXPECT_FALSE(waiting->has_value());
  fleet.Advance(milliseconds(2));
  ASSERT_TRUE(waiting->has_value());
  EXPECT_EQ((*waiting)->value().status, CacheStatus::kMiss);
  EXPECT_EQ((*waiting)->value().fill_token, "");
}

TEST(CacheTest, AWaiterWhoLeavesIsToldSoAndNothingIsLeft) {
  CacheFleet fleet(1);
  const GetAnswer loader = fleet[0].Got("k");
  coord::GetQuery query;
  query.ns = "ns";
  query.key = "k";
  coord::Cache::Ticket ticket = 0;
  auto waiting = fleet[0].Get(query, &ticket);
  fleet[0].cache().Cancel(ticket);
  ASSERT_TRUE(waiting->has_value());
  EXPECT_EQ((*waiting)->status().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(fleet[0].Put("k", "v", loader.fill_token).stored);
}

TEST(CacheTest, AStaleValueIsServedWhileOneLoads) {
  CacheFleet fleet(2);
  fleet[0].Put("k", "old");
  fleet.Advance(minutes(5) + seconds(1));
  const GetAnswer loader = fleet[0].Got("k");
  EXPECT_EQ(loader.status, CacheStatus::kStale);
  EXPECT_EQ(ValueOf(loader), "old");
  EXPECT_TRUE(loader.refresh);
  EXPECT_FALSE(loader.fill_token.empty());
  EXPECT_EQ(loader.ttl, Duration{});
  const GetAnswer other = fleet[1].Got("k");
  EXPECT_EQ(other.status, CacheStatus::kStale);
  EXPECT_EQ(other.fill_token, "");
  EXPECT_TRUE(fleet[0].Put("k", "new", loader.fill_token).stored);
  EXPECT_EQ(ValueOf(fleet[1].Got("k")), "new");
}

TEST(CacheTest, AfterItsStaleTimeAValueIsGone) {
  CacheFleet fleet(1);
  fleet[0].Put("k", "old");
  fleet.Advance(minutes(5) + seconds(31));
  EXPECT_EQ(fleet[0].Got("k").status, CacheStatus::kMiss);
}

TEST(CacheTest, AKnownAbsenceIsAnAnswer) {
  CacheFleet fleet(2);
  const GetAnswer loader = fleet[0].Got("k");
  coord::SetQuery absent;
  absent.key = "k";
  absent.absent = true;
  absent.fill_token = loader.fill_token;
  EXPECT_TRUE(fleet[0].Set(absent)->value()->stored);
  EXPECT_EQ(fleet[1].Got("k").status, CacheStatus::kAbsent);
  EXPECT_EQ(fleet[1].Got("k").status, CacheStatus::kAbsent);
  fleet.Advance(seconds(11));
  EXPECT_EQ(fleet[1].Got("k").status, CacheStatus::kMiss);
}

TEST(CacheTest, CompareAndSwapAndAddOnlyIfThereIsNone) {
  CacheFleet fleet(2);
  const uint64_t first = fleet[0].Put("k", "1").version;
  coord::SetQuery query;
  query.key = "k";
  query.value = "2";
  query.if_version = first;
  const auto second = fleet[1].Set(query)->value().value();
  EXPECT_TRUE(second.stored);
  const auto third = fleet[0].Set(query)->value().value();
  EXPECT_EQ(third.reason, SetReason::kVersionMismatch);
  EXPECT_EQ(third.version, second.version);
  query.if_version.reset();
  query.if_absent = true;
  EXPECT_EQ(fleet[0].Set(query)->value()->reason, SetReason::kAlreadyExists);
}

TEST(CacheTest, NotModifiedCarriesNoBytes) {
  CacheFleet fleet(1);
  const uint64_t version = fleet[0].Put("k", "v").version;
  coord::GetQuery query;
  query.ns = "ns";
  query.key = "k";
  query.if_not_version = version;
  for (int i = 0; i < 2; ++i) {  // from the store, then from L1
    EXPECT_EQ(fleet[0].Get(query)->value()->status, CacheStatus::kNotModified);
  }
  query.if_not_version = version - 1;
  EXPECT_EQ(fleet[0].Get(query)->value()->status, CacheStatus::kHit);
}

TEST(CacheTest, MinVersionReadsOnesOwnWriteThroughAPodThatHasNotHeardOfIt) {
  CacheFleet fleet(2);
  fleet[0].Put("k", "old");
  fleet[1].Got("k");
  fleet[1].link().LoseNews();
  const uint64_t version = fleet[0].Put("k", "new").version;
  EXPECT_EQ(ValueOf(fleet[1].Got("k")), "old");
  coord::GetQuery query;
  query.ns = "ns";
  query.key = "k";
  query.min_version = version;
  EXPECT_EQ(ValueOf(fleet[1].Get(query)->value().value()), "new");
}

TEST(CacheTest, InvalidationsByKeyTagAndGlobReachAllPods) {
  CacheFleet fleet(2);
  const auto fill = [&] {
    fleet[0].Put("user:1", "1", "", {"users"});
    fleet[0].Put("user:2", "2", "", {"users", "vip"});
    fleet[0].Put("page:1", "p");
    for (const char* key : {"user:1", "user:2", "page:1"}) fleet[1].Got(key);
  };
  const auto status = [&](const char* key) {
    return fleet[1].Look(key).status;
  };
  coord::InvalidateQuery query;
  fill();
  query.keys = {"user:1", "none"};
  EXPECT_EQ(fleet[0].Invalidate(query)->value()->invalidated, 1u);
  EXPECT_EQ(status("user:1"), CacheStatus::kMiss);
  EXPECT_EQ(status("user:2"), CacheStatus::kHit);
  fill();
  query = {};
  query.tags = {"vip"};
  EXPECT_EQ(fleet[0].Invalidate(query)->value()->invalidated, std::nullopt);
  EXPECT_EQ(status("user:1"), CacheStatus::kHit);
  EXPECT_EQ(status("user:2"), CacheStatus::kMiss);
  fill();
  query = {};
  query.glob = "user:*";
  fleet[0].Invalidate(query);
  EXPECT_EQ(status("user:1"), CacheStatus::kMiss);
  EXPECT_EQ(status("page:1"), CacheStatus::kHit);
  fill();
  query.soft = true;
  fleet[0].Invalidate(query);
  EXPECT_EQ(status("user:1"), CacheStatus::kStale);
  EXPECT_EQ(status("page:1"), CacheStatus::kHit);
}

TEST(CacheTest, ASoftlyInvalidatedValueIsLoadedByOne) {
  CacheFleet fleet(1);
  fleet[0].Put("k", "old");
  coord::InvalidateQuery query;
  query.keys = {"k"};
  query.soft = true;
  fleet[0].Invalidate(query);
  const GetAnswer loader = fleet[0].Got("k");
  EXPECT_EQ(loader.status, CacheStatus::kStale);
  EXPECT_FALSE(loader.fill_token.empty());
  EXPECT_EQ(fleet[0].Got("k").fill_token, "");
}

TEST(CacheTest, DeleteTellsWhetherThereWasOne) {
  CacheFleet fleet(1);
  const uint64_t version = fleet[0].Put("k", "v").version;
  const auto remove = [&](uint64_t if_version) {
    auto [outcome, done] = NewOutcome<coord::DeleteAnswer>();
    fleet[0].cache().Delete("ns", "k", if_version, std::move(done));
    return (*outcome)->value().deleted;
  };
  EXPECT_FALSE(remove(version + 1));
  EXPECT_EQ(ValueOf(fleet[0].Got("k")), "v");
  EXPECT_TRUE(remove(version));
  EXPECT_FALSE(remove(0));
}

TEST(CacheTest, NearItsEndAValueIsRefreshedByOne) {
  cache::Options options = TestCacheOptions();
  options.namespaces[0].early_refresh = 1;
  CacheFleet fleet(2, options);
  const GetAnswer loader = fleet[0].Got("k");
  fleet.Advance(seconds(10));  // a dear value
  fleet[0].Put("k", "v", loader.fill_token);
  fleet.Advance(minutes(5) - milliseconds(1));
  int refreshers = 0;
  for (int i = 0; i < 20; ++i) {
    const GetAnswer answer = fleet[static_cast<size_t>(i % 2)].Got("k");
    EXPECT_EQ(answer.status, CacheStatus::kHit);
    EXPECT_EQ(answer.refresh, !answer.fill_token.empty());
    refreshers += answer.refresh ? 1 : 0;
  }
  EXPECT_EQ(refreshers, 1);
}

// A deletes k while B's question about it is on its way; C asks after that.
TEST(CacheTest, AValueFoundBeforeAChangeIsNotForThoseWhoAskAfterIt) {
  cache::Options options = TestCacheOptions();
  options.namespaces[0].early_refresh = 10;
  options.namespaces[0].max_entries = 0;
  CacheFleet fleet(1, options);
  const GetAnswer loader = fleet[0].Got("k");
  fleet.Advance(seconds(4));
  fleet[0].Put("k", "v", loader.fill_token);
  fleet.Advance(minutes(5) - milliseconds(5));
  fleet[0].link().faults.slowest = milliseconds(2);
  auto before = fleet[0].Get("k");
  auto [deleted, done] = NewOutcome<coord::DeleteAnswer>();
  fleet[0].cache().Delete("ns", "k", 0, std::move(done));
  while (!deleted->has_value()) fleet.Advance(std::chrono::microseconds(10));
  auto after = fleet[0].Get("k");
  fleet.Advance(milliseconds(50));
  const bool waits = !after->has_value();  // for the first one's load
  EXPECT_TRUE(waits || (*after)->value().status != CacheStatus::kHit);
}

TEST(CacheTest, WhoTakesAnyVersionDoesNotWaitWithThoseWhoWantANewerOne) {
  CacheFleet fleet(1);
  const uint64_t version = fleet[0].Put("k", "v").version;
  coord::GetQuery query;
  query.ns = "ns";
  query.key = "k";
  query.min_version = version + 1'000'000;
  fleet[0].Get(query);
  auto waiting = fleet[0].Get(query);
  EXPECT_FALSE(waiting->has_value());
  EXPECT_EQ(ValueOf(fleet[0].Got("k")), "v");
}

TEST(CacheTest, AKeyThatIsReadWithARhythmIsRefreshedAtTheReadBefore) {
  cache::Options options = TestCacheOptions();
  options.namespaces[0].refresh_ahead = true;
  options.namespaces[0].ttl = seconds(60);
  CacheFleet fleet(1, options);
  fleet[0].Put("k", "v");
  bool ahead = false;
  for (int i = 0; i < 6 && !ahead; ++i) {
    const GetAnswer answer = fleet[0].Got("k");
    EXPECT_EQ(answer.status, CacheStatus::kHit) << i;
    ahead = answer.refresh;
    if (!ahead) fleet.Advance(seconds(11));
  }
  EXPECT_TRUE(ahead);
}

TEST(CacheTest, WhatIsStoredTogetherDoesNotExpireTogether) {
  cache::Options options = TestCacheOptions();
  options.namespaces[0].ttl_jitter = 0.5;
  CacheFleet fleet(1, options);
  std::set<Duration> ttls;
  for (int i = 0; i < 20; ++i) {
    const std::string key = "k" + std::to_string(i);
    fleet[0].Put(key, "v");
    ttls.insert(fleet[0].Got(key).ttl);
  }
  EXPECT_GT(ttls.size(), 15u);
  EXPECT_GE(*ttls.begin(), minutes(5) / 2 - seconds(1));
  EXPECT_LE(*ttls.rbegin(), minutes(5));
}

TEST(CacheTest, WatchTellsOfWritesRemovalsTagsAndGaps) {
  CacheFleet fleet(2);
  using Kind = coord::WatchedChange::Kind;
  std::vector<coord::WatchedChange> seen;
  coord::WatchQuery query;
  query.ns = "ns";
  query.keys = {"k"};
  query.tags = {"t"};
  const auto ticket = fleet[1].cache().Watch(
      query,
      [&](const coord::WatchedChange& change) { seen.push_back(change); });
  ASSERT_TRUE(ticket.ok());
  const uint64_t version = fleet[0].Put("k", "v").version;
  fleet[0].Put("unwatched", "v");
  coord::InvalidateQuery invalidate;
  invalidate.keys = {"k"};
  invalidate.tags = {"t", "u"};
  fleet[0].Invalidate(invalidate);
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].kind, Kind::kWritten);
  EXPECT_EQ(seen[0].version, version);
  EXPECT_EQ(seen[1].kind, Kind::kInvalidated);
  EXPECT_EQ(seen[2].kind, Kind::kTagInvalidated);
  EXPECT_EQ(seen[2].tag, "t");
  fleet[1].link().Cut();
  fleet[1].link().Mend();
  EXPECT_EQ(seen.back().kind, Kind::kResync);
  const size_t before = seen.size();
  fleet[1].cache().Unwatch(*ticket);
  fleet[0].Put("k", "w");
  EXPECT_EQ(seen.size(), before);
}

TEST(CacheTest, ANewPodCopiesWhatTheFleetReadsMost) {
  CacheFleet fleet(1);
  for (const char* key : {"a", "b"}) {
    fleet[0].Put(key, key);
    fleet[0].Got(key);
    fleet[0].Got(key);
  }
  fleet.Advance(seconds(31));
  CachePod fresh(TestCacheOptions(), fleet.hub(), fleet.clock(),
                 fleet.executor(), 7);
  const int reads = fresh.link().reads();
  EXPECT_EQ(ValueOf(fresh.Got("a")), "a");
  EXPECT_EQ(ValueOf(fresh.Got("b")), "b");
  EXPECT_EQ(fresh.link().reads(), reads);
}

TEST(CacheTest, WriteBehindIsPulledOnceAcknowledged) {
  CacheFleet fleet(2);
  coord::SetQuery set;
  set.key = "k";
  set.value = "v";
  set.write_behind = true;
  const auto pull = [&](size_t pod, std::vector<std::string> ack) {
    auto [outcome, done] = NewOutcome<std::vector<store::JournalEntry>>();
    coord::Cache::PullQuery query;
    query.ns = "ns";
    query.consumer = "c";
    query.ack = std::move(ack);
    query.wait = seconds(30);
    fleet[pod].cache().Pull(query, std::move(done));
    return outcome;
  };
  auto first = pull(1, {});
  EXPECT_FALSE(first->has_value());
  const uint64_t version = fleet[0].Set(set)->value()->version;
  ASSERT_TRUE(first->has_value());
  ASSERT_EQ((*first)->value().size(), 1u);
  const store::JournalEntry entry = (*first)->value()[0];
  EXPECT_EQ(entry.value, "v");
  EXPECT_EQ(entry.version, version);
  EXPECT_EQ((*pull(0, {}))->value().size(), 1u);  // not acknowledged: again
  auto after = pull(0, {entry.id});
  EXPECT_FALSE(after->has_value());
  fleet.Advance(seconds(31));
  ASSERT_TRUE(after->has_value());
  EXPECT_TRUE((*after)->value().empty());
}

TEST(CacheTest, BadQuestionsNameTheField) {
  CacheFleet fleet(1);
  using ::testing::HasSubstr;
  coord::GetQuery query;
  query.ns = "other";
  query.key = "k";
  EXPECT_EQ(fleet[0].Get(query)->value().status().code(),
            absl::StatusCode::kNotFound);
  query.ns = "ns";
  query.key = "";
  EXPECT_THAT(std::string(fleet[0].Get(query)->value().status().message()),
              HasSubstr("key: must have 1 to 1024 bytes, not 0"));
  coord::SetQuery set;
  set.key = "k";
  set.if_absent = true;
  set.if_version = 3;
  EXPECT_EQ(fleet[0].Set(set)->value().status().code(),
            absl::StatusCode::kInvalidArgument);
  set = {};
  set.key = "k";
  set.fill_token = "forged";
  EXPECT_THAT(std::string(fleet[0].Set(set)->value().status().message()),
              HasSubstr("fill_token"));
}

}  // namespace
}  // namespace outrigger
