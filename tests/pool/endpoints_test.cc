// Which endpoints are chosen from: roles, backups, shards, panic, thresholds,
// ejection and slow start.
#include "pool/endpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "pool/pool_under_test.h"

namespace outrigger::pool {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::Le;
using testing::Pair;

EndpointOptions With(EndpointOptions endpoint, Role role, bool backup = false) {
  endpoint.role = role;
  endpoint.backup = backup;
  return endpoint;
}

EndpointOptions Backup(const std::string& letter) {
  return With(Static(letter), Role::kAny, true);
}

TEST(EndpointsTest, NoneConfigured) {
  PoolUnderTest pool(Plain({}));
  EXPECT_TRUE(pool.endpoints().empty());
  EXPECT_EQ(pool.Next(), "-");
  EXPECT_EQ(pool.Next(Role::kShard, "key"), "-");
  EXPECT_FALSE(PoolUnderTest(Plain({Dns("db:1")})).endpoints().empty());
}

TEST(EndpointsTest, RolesAreServedByTheirOwnAndByThoseWithoutOne) {
  PoolUnderTest pool(Plain({With(Static("p"), Role::kPrimary),
                            With(Static("r"), Role::kReplica), Static("x"),
                            With(Static("s"), Role::kShard)}));
  EXPECT_EQ(pool.Order(4), "prxs");
  EXPECT_EQ(pool.Order(4, Role::kPrimary), "pxpx");
  EXPECT_EQ(pool.Order(4, Role::kReplica), "rxrx");
  EXPECT_EQ(pool.Next(Role::kShard, "key"), "s")
      << "only those that are shards";
}

TEST(EndpointsTest, UnknownCanBeUsedAndUnhealthyCannot) {
  PoolUnderTest pool(Plain({Static("a"), Static("b"), Static("c")}));
  EXPECT_EQ(pool.Health("a"), EndpointHealth::kUnknown);
  EXPECT_EQ(pool.Order(3), "abc");
  pool.Pass("a");
  pool.Fail("b");
  EXPECT_EQ(pool.Health("a"), EndpointHealth::kHealthy);
  EXPECT_EQ(pool.Health("b"), EndpointHealth::kUnhealthy);
  EXPECT_EQ(pool.View("b").message, "refused");
  EXPECT_THAT(pool.Counts(100), ElementsAre(Pair("a", 50), Pair("c", 50)));
  pool.Pass("b");
  EXPECT_NEAR(pool.Counts(99)["b"], 33, 1);
}

TEST(EndpointsTest, BackupsServeOnlyIfNoOtherCan) {
  PoolUnderTest pool(
      Plain({Static("a"), Backup("x"), Static("b"), Backup("y")}));
  EXPECT_EQ(pool.Order(4), "abab");
  pool.Fail("a");
  EXPECT_EQ(pool.Order(3), "bbb");
  pool.Fail("b");
  EXPECT_EQ(pool.Order(4), "xyxy");
  pool.Fail("x");
  EXPECT_EQ(pool.Order(2), "yy");
  pool.Fail("y");
  EXPECT_EQ(pool.Next(), "-");
  pool.Pass("b");
  EXPECT_EQ(pool.Order(2), "bb");
}

TEST(EndpointsTest, ThoseToAvoidAreLastButOne) {
  PoolUnderTest pool(Plain({Static("a"), Static("b"), Backup("x")}));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(pool.Next(Role::kAny, "", {"a:1", "nobody:1"}), "b");
  }
  // A backup is not better than one to avoid, and none is worse.
  EXPECT_NE(pool.Next(Role::kAny, "", {"a:1", "b:1"}), "x");
  pool.Fail("ab");
  EXPECT_EQ(pool.Next(Role::kAny, "", {"x:1"}), "x");
}

// Envoy's panic threshold: with fewer than that share healthy, health is
// disregarded.
TEST(EndpointsTest, Panic) {
  struct Case {
    double panic;
    std::string fail;
    std::string order;  // of 4
  };
  for (const Case& c : std::vector<Case>{
           {0.5, "", "abcd"},
           {0.5, "ab", "cdcd"},  // a half is not less than a half
           {0.5, "abc", "a!b!c!d!"},
           {0.5, "abcd", "a!b!c!d!"},
           {0, "abc", "dddd"},
           {0, "abcd", "----"},
           {1, "a", "a!b!c!d!"},
           {1, "", "abcd"},
           {0.25, "abc", "dddd"},
           {0.26, "abc", "a!b!c!d!"},
       }) {
    PoolOptions options =
        Plain({Static("a"), Static("b"), Static("c"), Static("d")});
    options.health.panic = c.panic;
    PoolUnderTest pool(options);
    pool.Fail(c.fail);
    EXPECT_EQ(pool.Order(4), c.order) << c.panic << " " << c.fail;
  }
}

TEST(EndpointsTest, PanicLeavesOutThoseThatAreOverloaded) {
  PoolOptions options =
      Plain({Static("a"), Static("b"), Static("c"), Backup("x")});
  options.health.panic = 0.5;
  PoolUnderTest pool(options);
  pool.Load("a", 0.9);
  pool.Load("b", 0.9);
  EXPECT_EQ(pool.Order(2), "cc") << "nothing that panic would add";
  pool.Fail("b");
  EXPECT_EQ(pool.Order(2), "cc");
  pool.Load("b", 0.1);
  EXPECT_EQ(pool.Order(2), "b!c!");
  pool.Fail("c");
  EXPECT_EQ(pool.Order(2), "xx") << "a backup that is well goes before panic";
  pool.Fail("x");
  EXPECT_EQ(pool.Order(2), "b!c!");
  pool.Load("b", 0.9);
  pool.Load("c", 0.9);
  EXPECT_EQ(pool.Order(2), "x!x!");
  pool.Load("x", 0.9);
  EXPECT_EQ(pool.Order(1), "-") << "all are overloaded";
}

TEST(EndpointsTest, OverloadedUntilTheReportLapses) {
  PoolUnderTest pool(Plain({Static("a"), Static("b")}));
  EXPECT_EQ(pool.endpoints().next_change(pool.now()), MonotonicTime::max());
  pool.Load("a", 0.81);
  EXPECT_EQ(pool.Health("a"), EndpointHealth::kOverloaded);
  EXPECT_EQ(pool.View("a").message, "cpu 0.81 is above 0.8");
  EXPECT_EQ(pool.Order(2), "bb");
  EXPECT_EQ(pool.endpoints().next_change(pool.now()), pool.now() + seconds(10));
  pool.Wait(seconds(9));
  pool.Load("a", 0.85);
  pool.Wait(seconds(9));
  EXPECT_EQ(pool.Order(2), "bb");
  pool.Wait(seconds(1));
  EXPECT_EQ(pool.Counts(10)["a"], 5);
  pool.Load("a", 0.85);
  pool.Load("a", 0.5);
  EXPECT_EQ(pool.Counts(10)["a"], 5);
  EXPECT_FALSE(pool.endpoints().OnLoad("nobody:1", {}, pool.now()));
}

TEST(EndpointsTest, AnEjectedOneIsBackAfterItsTimeAndNotBefore) {
  PoolUnderTest pool(Plain({Static("a"), Static("b")}));
  pool.Call("a", "++---++-----");
  EXPECT_EQ(pool.Health("a"), EndpointHealth::kEjected);
  EXPECT_EQ(pool.View("a").message, "5 failures in a row");
  EXPECT_EQ(pool.View("a").ejected_for, seconds(30));
  EXPECT_EQ(pool.View("a").successes, 4U);
  EXPECT_EQ(pool.View("a").failures, 8U);
  EXPECT_EQ(pool.endpoints().ejections(), 1U);
  pool.Pass("a");
  EXPECT_EQ(pool.Order(2), "bb")
      << "a check that passes does not bring it back";
  EXPECT_EQ(pool.endpoints().next_change(pool.now()), pool.now() + seconds(30));
  pool.Wait(seconds(30));
  EXPECT_EQ(pool.Health("a"), EndpointHealth::kHealthy);
  EXPECT_EQ(pool.Counts(10)["a"], 5);
}

TEST(EndpointsTest, NextChangeIsWhenAllReasonsHaveEnded) {
  PoolUnderTest pool(Plain({Static("a"), Static("b")}));
  pool.Call("a", "-----");
  pool.Wait(seconds(25));
  pool.Load("a", 1);
  EXPECT_EQ(pool.endpoints().next_change(pool.now()), pool.now() + seconds(10));
  pool.Fail("a");
  EXPECT_EQ(pool.endpoints().next_change(pool.now()), MonotonicTime::max())
      << "a check must pass first";
}

// Envoy's max_ejection_percent: at least one can be ejected whatever it is.
TEST(EndpointsTest, AtMostAShareOfARoleIsEjected) {
  struct Case {
    int endpoints;
    double share;
    size_t most;
  };
  for (const Case& c : std::vector<Case>{{1, 1, 0},
                                         {2, 0, 1},
                                         {2, 0.1, 1},
                                         {2, 1, 2},
                                         {10, 0.1, 1},
                                         {10, 0.29, 2},
                                         {10, 0.3, 3},
                                         {26, 0.1, 2},
                                         {26, 1, 26}}) {
    std::vector<EndpointOptions> endpoints;
    for (char letter = 'a'; letter < 'a' + c.endpoints; ++letter) {
      endpoints.push_back(Static(std::string(1, letter)));
    }
    // Of another role: it neither counts, nor is it spared.
    endpoints.push_back(With(Static("P"), Role::kPrimary));
    endpoints.push_back(With(Static("Q"), Role::kPrimary));
    PoolOptions options = Plain(endpoints);
    options.health.eject_share = c.share;
    PoolUnderTest pool(options);
    pool.Call("P", "-----");
    EXPECT_EQ(pool.Health("P"), EndpointHealth::kEjected);
    for (char letter = 'a'; letter < 'a' + c.endpoints; ++letter) {
      pool.Call(std::string(1, letter), "----------");
    }
    EXPECT_EQ(pool.endpoints().ejections(), 1 + c.most)
        << c.endpoints << " " << c.share;
  }
}

TEST(EndpointsTest, SlowStartGrowsFromATenth) {
  PoolOptions options = Plain({Static("a", 10), Static("b", 10)});
  options.balance = Balance::kWeighted;
  options.health.slow_start = seconds(100);
  PoolUnderTest pool(options);
  EXPECT_EQ(pool.View("a").effective_weight, 10)
      << "they are up from the start";
  pool.Fail("a");
  pool.Wait(minutes(5));
  pool.Pass("a");
  struct Step {
    int after;  // seconds since it is well
    double weight;
  };
  int at = 0;
  for (const Step& step : std::vector<Step>{{0, 1},
                                            {5, 1},
                                            {14, 1},
                                            {15, 1.5},
                                            {50, 5},
                                            {95, 9.5},
                                            {100, 10},
                                            {1000, 10}}) {
    pool.Wait(seconds(step.after - at));
    at = step.after;
    EXPECT_DOUBLE_EQ(pool.View("a").effective_weight, step.weight);
    pool.Counts(50);
    // Choices are a twentieth late at most.
    const double before = step.weight == 10 ? 10 : step.weight - 0.5;
    EXPECT_THAT(pool.Counts(1000)["a"],
                AllOf(Ge(1000 * before / (10 + before) - 2),
                      Le(1000 * step.weight / (10 + step.weight) + 2)))
        << step.after;
  }
}

TEST(EndpointsTest, SlowStartAfterAnEjectionAndForNewcomers) {
  PoolOptions options = Plain({Static("a"), Static("b")});
  options.health.slow_start = seconds(10);
  PoolUnderTest pool(options);
  pool.Call("a", "-----");
  pool.Wait(seconds(31));
  EXPECT_DOUBLE_EQ(pool.View("a").effective_weight, 0.1);
  pool.Wait(seconds(4));
  EXPECT_DOUBLE_EQ(pool.View("a").effective_weight, 0.5);
  EXPECT_NEAR(pool.Counts(300)["a"], 100, 2) << "in turn, by half";
  pool.options().endpoints.push_back(Static("c"));
  pool.Update();
  EXPECT_DOUBLE_EQ(pool.View("c").effective_weight, 0.1);
  EXPECT_DOUBLE_EQ(pool.View("b").effective_weight, 1);
  pool.Pass("c");
  EXPECT_DOUBLE_EQ(pool.View("c").effective_weight, 0.1);
  pool.Wait(seconds(10));
  EXPECT_EQ(pool.Counts(30)["c"], 10);
}

TEST(ShardTest, AKeyIsOneShardsWhateverTheBalance) {
  for (const Balance balance : {Balance::kLeastConnections, Balance::kSticky}) {
    PoolOptions options =
        Plain({With(Static("a"), Role::kShard), With(Static("b"), Role::kShard),
               With(Static("c"), Role::kShard), Static("x")});
    options.balance = balance;
    PoolUnderTest pool(options);
    std::map<std::string, std::string> owners;
    std::set<std::string> used;
    for (int i = 0; i < 300; ++i) {
      const std::string key = absl::StrCat("key-", i);
      used.insert(owners[key] = pool.Next(Role::kShard, key));
    }
    EXPECT_THAT(used, ElementsAre("a", "b", "c"));
    pool.Fail("b");
    for (const auto& [key, owner] : owners) {
      ASSERT_EQ(pool.Next(Role::kShard, key), owner == "b" ? "-" : owner)
          << "its data is nowhere else";
      ASSERT_EQ(pool.Next(Role::kShard, key, {owner + ":1"}),
                owner == "b" ? "-" : owner);
    }
    pool.Pass("b");
    for (const auto& [key, owner] : owners) {
      ASSERT_EQ(pool.Next(Role::kShard, key), owner);
    }
  }
}

TEST(ShardTest, OneMoreTakesOnlyItsShareAndOthersMoveNothing) {
  const auto shard = [](const std::string& letter) {
    return With(Static(letter), Role::kShard);
  };
  PoolUnderTest pool(Plain({shard("a"), shard("b"), shard("c")}));
  std::map<std::string, std::string> owners;
  for (int i = 0; i < 1000; ++i) {
    const std::string key = absl::StrCat("key-", i);
    owners[key] = pool.Next(Role::kShard, key);
  }
  pool.options().endpoints.push_back(Static("x", 1000));
  pool.Update();
  for (const auto& [key, owner] : owners) {
    ASSERT_EQ(pool.Next(Role::kShard, key), owner);
  }
  pool.options().endpoints.push_back(shard("d"));
  pool.Update();
  int moved = 0;
  for (const auto& [key, owner] : owners) {
    const std::string now = pool.Next(Role::kShard, key);
    if (now == owner) continue;
    ASSERT_EQ(now, "d");
    ++moved;
  }
  EXPECT_NEAR(moved, 250, 60);
}

TEST(ShardTest, InPanicItIsStillTheRightOne) {
  PoolOptions options =
      Plain({With(Static("a"), Role::kShard), With(Static("b"), Role::kShard),
             With(Static("c"), Role::kShard)});
  options.health.panic = 0.5;
  PoolUnderTest pool(options);
  const std::string owner = pool.Next(Role::kShard, "key");
  pool.Fail("abc");
  EXPECT_EQ(pool.Next(Role::kShard, "key"), owner + "!");
  pool.Load(owner, 1);
  EXPECT_EQ(pool.Next(Role::kShard, "key"), "-");
}

TEST(ShardTest, WithoutAKeyThereIsNone) {
  PoolUnderTest pool(Plain({With(Static("a"), Role::kShard)}));
  EXPECT_EQ(pool.Next(Role::kShard, ""), "-");
}

}  // namespace
}  // namespace outrigger::pool
