// Who the endpoints are as the configuration and DNS change, and what of them
// stays; zones and stickiness as a pool has them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "pool/endpoints.h"
#include "pool/pool_under_test.h"

namespace outrigger::pool {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::Le;
using testing::Pair;

std::vector<std::string> Addresses(const PoolUnderTest& pool,
                                   const Endpoints& endpoints) {
  std::vector<std::string> addresses;
  for (const EndpointView& view : endpoints.View(pool.now())) {
    addresses.push_back(view.options.address);
  }
  return addresses;
}

std::vector<std::string> Addresses(PoolUnderTest& pool) {
  return Addresses(pool, pool.endpoints());
}

TEST(MembersTest, DnsNamesStandForTheirAddresses) {
  PoolUnderTest pool(Plain({Static("a"), Dns("db:1"), Static("z")}));
  EXPECT_THAT(Addresses(pool), ElementsAre("a:1", "z:1"));
  EXPECT_TRUE(pool.Resolve("db:1", {"n:1", "m:1", "n:1"}));
  EXPECT_THAT(Addresses(pool), ElementsAre("a:1", "m:1", "n:1", "z:1"));
  EXPECT_EQ(pool.View("m").options.dns, "db:1");
  EXPECT_EQ(pool.Counts(40).size(), 4U);
  EXPECT_TRUE(pool.Resolve("other:1", {"o:1"})) << "not configured";
  EXPECT_THAT(Addresses(pool), ElementsAre("a:1", "m:1", "n:1", "z:1"));
  EXPECT_TRUE(pool.Resolve("db:1", {}));
  EXPECT_THAT(Addresses(pool), ElementsAre("a:1", "z:1"));
}

TEST(MembersTest, AddressesThatStayKeepTheirState) {
  PoolUnderTest pool(Plain({Dns("db:1")}));
  pool.Resolve("db:1", {"a:1", "b:1", "c:1"});
  const EndpointId a = pool.View("a").id;
  pool.endpoints().Begin(a);
  pool.Fail("b");
  pool.Call("c", "+-");
  pool.Resolve("db:1", {"b:1", "a:1", "c:1", "d:1"});
  EXPECT_EQ(pool.View("a").id, a);
  EXPECT_EQ(pool.View("a").in_use, 1U);
  EXPECT_EQ(pool.Health("b"), EndpointHealth::kUnhealthy);
  EXPECT_EQ(pool.View("c").failures, 1U);
  EXPECT_EQ(pool.Health("d"), EndpointHealth::kUnknown);
  // The same options again, and others for the name.
  pool.options().endpoints[0].weight = 3;
  pool.Update();
  EXPECT_EQ(pool.View("a").id, a);
  EXPECT_EQ(pool.View("a").effective_weight, 3);
  EXPECT_EQ(pool.Health("b"), EndpointHealth::kUnhealthy);
  // It is not the same if it comes from elsewhere.
  pool.options().endpoints = {Static("a")};
  pool.Update();
  EXPECT_NE(pool.View("a").id, a);
  EXPECT_EQ(pool.View("a").in_use, 0U);
}

TEST(MembersTest, WhatIsNewOnANameThatWasKnownStartsSlowly) {
  PoolOptions options = Plain({Dns("db:1")});
  options.health.slow_start = seconds(10);
  PoolUnderTest pool(options);
  pool.Resolve("db:1", {"a:1"});
  EXPECT_EQ(pool.View("a").effective_weight, 1) << "it has been up for long";
  pool.Wait(seconds(60));
  pool.Resolve("db:1", {"a:1", "b:1"});
  EXPECT_EQ(pool.View("a").effective_weight, 1);
  EXPECT_DOUBLE_EQ(pool.View("b").effective_weight, 0.1);
  pool.Resolve("db:1", {});
  pool.Resolve("db:1", {"a:1"});
  EXPECT_DOUBLE_EQ(pool.View("a").effective_weight, 0.1);
}

TEST(MembersTest, OneThatHasGoneIsNamedWhileInUse) {
  PoolUnderTest pool(Plain({Static("a"), Static("b")}));
  const EndpointId b = pool.View("b").id;
  pool.endpoints().Begin(b);
  pool.endpoints().Begin(b);
  pool.options().endpoints.pop_back();
  pool.Update();
  EXPECT_EQ(pool.Order(3), "aaa");
  ASSERT_NE(pool.endpoints().Find(b), nullptr);
  EXPECT_EQ(pool.endpoints().Find(b)->address, "b:1");
  pool.endpoints().End(b, Outcome::kFailure, pool.now());
  EXPECT_NE(pool.endpoints().Find(b), nullptr);
  pool.endpoints().End(b, Outcome::kSuccess, pool.now());
  EXPECT_EQ(pool.endpoints().Find(b), nullptr);
  pool.endpoints().End(b, Outcome::kSuccess, pool.now());
  pool.endpoints().Begin(b);
  EXPECT_EQ(pool.endpoints().Find(b), nullptr);
  EXPECT_EQ(pool.endpoints().Find(kNoEndpoint), nullptr);
}

TEST(MembersTest, IdsAreNeverUsedAgain) {
  PoolUnderTest pool(Plain({Static("a")}));
  std::set<EndpointId> ids;
  for (int i = 0; i < 3000; ++i) {
    pool.options().endpoints = {Static(i % 2 == 0 ? "b" : "a")};
    pool.Update();
    ASSERT_TRUE(ids.insert(pool.Choose().id).second);
  }
  EXPECT_EQ(ids.count(kNoEndpoint), 0U);
}

TEST(MembersTest, NoMoreThanTheBoundAndThoseThatWereThereStay) {
  PoolUnderTest pool(Plain({Dns("db:1"), Dns("more:1"), Static("z")}));
  std::vector<std::string> many;
  for (int i = 0; i < 2000; ++i) many.push_back(absl::StrCat("m", i, ":1"));
  EXPECT_TRUE(pool.Resolve("more:1", {"x:1", "y:1"}));
  EXPECT_FALSE(pool.Resolve("db:1", many));
  EXPECT_EQ(Addresses(pool).size(), kMaxEndpoints);
  const EndpointId x = pool.View("x").id;
  EXPECT_NE(x, kNoEndpoint);
  EXPECT_EQ(pool.Counts(2000).size(), kMaxEndpoints);
  // Those that are configured go before those of DNS.
  for (int i = 0; i < 998; ++i) {
    pool.options().endpoints.push_back(Static(absl::StrCat("s", i)));
  }
  pool.Update();
  EXPECT_EQ(Addresses(pool).size(), kMaxEndpoints);
  EXPECT_EQ(pool.View("s997").options.address, "s997:1");
  pool.options().endpoints = {Dns("db:1")};
  pool.Update();
  EXPECT_TRUE(pool.Resolve("db:1", {"a:1"}));
  EXPECT_THAT(Addresses(pool), ElementsAre("a:1"));
}

TEST(MembersTest, ChecksThatAreTurnedOffCountNoMore) {
  PoolUnderTest pool(Plain({Static("a")}));
  pool.Fail("a");
  EXPECT_EQ(pool.Next(), "-");
  pool.options().health.check = Check::kNone;
  pool.Update();
  EXPECT_EQ(pool.Health("a"), EndpointHealth::kHealthy);
  pool.Fail("a");
  EXPECT_EQ(pool.Next(), "a") << "the last check's result comes late";
  EXPECT_FALSE(pool.endpoints().OnCheck("b:1", true, "", pool.now()));
}

TEST(MembersTest, AnAddressThatIsThereTwiceIsCheckedAndLoadedAsOne) {
  PoolUnderTest pool(Plain({Static("a"), Dns("db:1"), Static("b")}));
  pool.Resolve("db:1", {"a:1"});
  EXPECT_THAT(pool.Counts(30), ElementsAre(Pair("a", 20), Pair("b", 10)));
  pool.Fail("a");
  EXPECT_EQ(pool.Order(2), "bb");
  pool.Pass("a");
  pool.Load("a", 1);
  EXPECT_EQ(pool.Order(2), "bb");
  EXPECT_EQ(pool.Next(Role::kAny, "", {"a:1"}), "b");
}

TEST(MembersTest, TheBalanceCanChange) {
  PoolUnderTest pool(Plain({Static("a", 3), Static("b", 1)}));
  EXPECT_THAT(pool.Counts(400), Each(Pair(testing::_, 200)));
  pool.options().balance = Balance::kWeighted;
  pool.Update();
  EXPECT_THAT(pool.Counts(400), ElementsAre(Pair("a", 300), Pair("b", 100)));
  // What is in use is known to the new one.
  for (int i = 0; i < 3; ++i) pool.endpoints().Begin(pool.View("a").id);
  pool.options().balance = Balance::kLeastConnections;
  pool.Update();
  EXPECT_EQ(pool.Order(2), "bb");
}

TEST(StickyTest, AKeyStaysAndOnlyThoseOfWhoLeavesMove) {
  std::vector<EndpointOptions> endpoints;
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    endpoints.push_back(Static(std::string(1, letter)));
  }
  PoolOptions options = Plain(endpoints);
  options.balance = Balance::kSticky;
  options.health.slow_start = seconds(60);
  PoolUnderTest pool(options);
  std::map<std::string, std::string> before;
  for (int i = 0; i < 2000; ++i) {
    const std::string key = absl::StrCat("session-", i);
    before[key] = pool.Next(Role::kAny, key);
  }
  const auto expect_moved = [&](const std::string& gone) {
    SCOPED_TRACE(gone);
    for (const auto& [key, owner] : before) {
      const std::string now = pool.Next(Role::kAny, key);
      ASSERT_EQ(now == owner, owner != gone) << key;
    }
  };
  expect_moved("none");
  pool.Fail("c");
  expect_moved("c");
  pool.Pass("c");
  expect_moved("none");  // its slow start moves no keys
  pool.Call("q", "-----");
  expect_moved("q");
  pool.Wait(seconds(31));
  pool.options().endpoints.erase(pool.options().endpoints.begin() + 5);
  pool.Update();
  expect_moved("f");
  pool.options().endpoints.push_back(Static("f", 3));
  pool.Update();
  pool.options().endpoints.pop_back();
  pool.Update();
  expect_moved("f");
  for (const auto& [key, owner] : before) {
    if (owner == "f") continue;
    ASSERT_NE(pool.Next(Role::kAny, key, {owner + ":1"}), owner);
  }
}

TEST(StickyTest, WithoutAKeyAllAreUsed) {
  PoolOptions options = Plain({Static("a"), Static("b", 3)});
  options.balance = Balance::kSticky;
  PoolUnderTest pool(options);
  EXPECT_NEAR(pool.Counts(10'000)["a"], 2500, 200);
}

}  // namespace
}  // namespace outrigger::pool
