// How a pod's choices are spread over zones. As Envoy's zone aware routing,
// with as many callers in each zone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "pool/endpoints.h"
#include "pool/pool_under_test.h"

namespace outrigger::pool {
namespace {

EndpointOptions In(const std::string& zone, const std::string& letter,
                   double weight = 1) {
  EndpointOptions endpoint = Static(letter, weight);
  endpoint.zone = zone;
  return endpoint;
}

PoolUnderTest PodIn(const std::string& zone,
                    std::vector<EndpointOptions> endpoints) {
  PoolOptions options = Plain(std::move(endpoints));
  options.balance = Balance::kZoneAware;
  options.zone = zone;
  return PoolUnderTest(options);
}

constexpr int kChoices = 30'000;

// Shares of choices, in percent.
void ExpectShares(PoolUnderTest& pool,
                  const std::map<std::string, double>& expected) {
  const std::map<std::string, int> counts = pool.Counts(kChoices);
  double all = 0;
  for (const auto& [letter, percent] : expected) {
    const auto found = counts.find(letter);
    const int count = found == counts.end() ? 0 : found->second;
    EXPECT_NEAR(100.0 * count / kChoices, percent, 1.5) << letter;
    all += percent;
  }
  EXPECT_NEAR(all, 100, 0.5);
}

TEST(ZoneAwareTest, AllStayInTheOwnZoneIfItHasItsPart) {
  PoolUnderTest pool = PodIn("x", {In("x", "a"), In("x", "b"), In("y", "c"),
                                   In("y", "d"), In("z", "e"), In("z", "f")});
  ExpectShares(pool, {{"a", 50}, {"b", 50}});
}

TEST(ZoneAwareTest, TheSurplusGoesWhereThereIsMore) {
  // x has a sixth of all for a third of the callers: a half stays. y has just
  // what its own callers need; z has a half of all.
  PoolUnderTest pool = PodIn("x", {In("x", "a"), In("y", "b", 2), In("z", "c"),
                                   In("z", "d"), In("z", "e")});
  ExpectShares(
      pool,
      {{"a", 50}, {"b", 0}, {"c", 50 / 3.0}, {"d", 50 / 3.0}, {"e", 50 / 3.0}});
  // Of 8, and a quarter of the callers each: y has 0.5 more, and z 1.5.
  PoolUnderTest four = PodIn(
      "x", {In("x", "a"), In("y", "b", 2.5), In("z", "c", 3.5), In("w", "d")});
  ExpectShares(four,
               {{"a", 50}, {"b", 50 * 0.5 / 2}, {"c", 50 * 1.5 / 2}, {"d", 0}});
}

TEST(ZoneAwareTest, AZoneThatFailsSpillsAndComesBack) {
  PoolUnderTest pool =
      PodIn("x", {In("x", "a"), In("x", "b"), In("y", "c"), In("y", "d")});
  pool.Fail("a");
  // A third of what is left for a half of the callers.
  ExpectShares(pool,
               {{"b", 100 * 2 / 3.0}, {"c", 100 / 6.0}, {"d", 100 / 6.0}});
  pool.Fail("b");
  ExpectShares(pool, {{"c", 50}, {"d", 50}});
  pool.Pass("ab");
  ExpectShares(pool, {{"a", 50}, {"b", 50}});
}

TEST(ZoneAwareTest, ZonesDoNotCountWithoutOneOfOnesOwn) {
  for (const std::string own : {"", "w"}) {
    PoolUnderTest pool =
        PodIn(own, {In("x", "a", 2), In("y", "b"), In("", "c")});
    ExpectShares(pool, {{"a", 50}, {"b", 25}, {"c", 25}});
  }
}

TEST(ZoneAwareTest, EndpointsWithoutAZoneTakeSurplus) {
  PoolUnderTest pool = PodIn("x", {In("x", "a"), In("y", "b"), In("", "c", 2)});
  // x has a quarter for a half of the callers; c has no callers of its own.
  ExpectShares(pool, {{"a", 50}, {"b", 0}, {"c", 50}});
}

TEST(ZoneAwareTest, NotInPanic) {
  PoolUnderTest pool = PodIn("x", {In("x", "a"), In("y", "b"), In("y", "c")});
  pool.options().health.panic = 0.5;
  pool.Update();
  pool.Fail("bc");
  ExpectShares(pool, {{"a!", 100 / 3.0}, {"b!", 100 / 3.0}, {"c!", 100 / 3.0}});
}

TEST(ZoneAwareTest, InAZoneTheLeastLoadedIsNext) {
  PoolUnderTest pool =
      PodIn("x", {In("x", "a"), In("x", "b", 2), In("y", "c", 3)});
  for (int i = 0; i < 30; ++i) pool.endpoints().Begin(pool.Choose().id);
  EXPECT_EQ(pool.View("a").in_use, 10U);
  EXPECT_EQ(pool.View("b").in_use, 20U);
  for (int i = 0; i < 5; ++i) {
    pool.endpoints().End(pool.View("b").id, Outcome::kSuccess, pool.now());
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(pool.Next(), "b");
    pool.endpoints().Begin(pool.View("b").id);
  }
}

TEST(ZoneAwareTest, ThoseToAvoidAreLeftToOtherZones) {
  PoolUnderTest pool = PodIn("x", {In("x", "a"), In("y", "b")});
  EXPECT_EQ(pool.Next(), "a");
  EXPECT_EQ(pool.Next(Role::kAny, "", {"a:1"}), "b");
  EXPECT_EQ(pool.Next(Role::kAny, "", {"a:1", "b:1"}), "a");
}

TEST(ZoneAwareTest, AnEndpointCanMove) {
  PoolUnderTest pool = PodIn("x", {In("x", "a"), In("y", "b"), In("y", "c")});
  ExpectShares(pool, {{"a", 200 / 3.0}, {"b", 100 / 6.0}, {"c", 100 / 6.0}});
  pool.endpoints().Begin(pool.View("b").id);
  pool.options().endpoints[1].zone = "x";
  pool.Update();
  ExpectShares(pool, {{"a", 100}, {"b", 0}});
  pool.endpoints().End(pool.View("b").id, Outcome::kSuccess, pool.now());
  ExpectShares(pool, {{"a", 50}, {"b", 50}});
}

}  // namespace
}  // namespace outrigger::pool
