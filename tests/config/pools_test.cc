// The section `pools`: every option, its place when it is wrong, and the
// variables that others use, too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "config/config_testing.h"
#include "config/describe.h"
#include "config/reload.h"

namespace outrigger::config {
namespace {

using pool::Balance;
using pool::Check;
using pool::EndpointOptions;
using pool::HealthOptions;
using pool::PoolOptions;
using pool::Role;
using pool::ThresholdOptions;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The only pool.
PoolOptions Only(const Config& config) {
  EXPECT_THAT(config.pools, SizeIs(1));
  return config.pools.empty() ? PoolOptions{} : config.pools[0];
}

TEST(PoolSection, IsEmptyUnlessWritten) {
  EXPECT_THAT(Good("").pools, IsEmpty());
  EXPECT_EQ(Only(Good("pools: [{name: a}]")), PoolOptions{.name = "a"});
}

TEST(PoolSection, TakesTheContractsExample) {
  const PoolOptions db = Only(Good(R"(
pools:
- name: orders-db
  max_connections: 50
  max_overflow: 10
  acquire_timeout: 5s
  balance: least_connections            # round_robin, weighted, sticky, random_two, zone_aware
  endpoints: [{address: "10.0.0.5:5432", weight: 2, zone: a, role: primary}, {dns: "replicas.db:5432", role: replica, backup: true}]
  health: {check: postgres, every: 5s}  # tcp, grpc, http, redis
)"));
  PoolOptions expected{.name = "orders-db",
                       .max_connections = 50,
                       .max_overflow = 10,
                       .acquire_timeout = seconds(5)};
  expected.endpoints = {
      {.address = "10.0.0.5:5432",
       .weight = 2,
       .zone = "a",
       .role = Role::kPrimary},
      {.dns = "replicas.db:5432", .role = Role::kReplica, .backup = true}};
  expected.health.check = Check::kPostgres;
  EXPECT_EQ(db, expected);
}

TEST(PoolSection, TakesEveryOptionOfThePoolItself) {
  const PoolOptions p = Only(
      Good("pools: [{name: a, max_connections: 7, max_overflow: 3, "
           "acquire_timeout: 2s, max_waiting: 9, lease: 15s, leak_after: 1h, "
           "retry_attempts: 4, on_store_loss: share, zone: z, balance: sticky, "
           "dns_refresh: 12s}]"));
  EXPECT_EQ(p, (PoolOptions{.name = "a",
                            .max_connections = 7,
                            .max_overflow = 3,
                            .acquire_timeout = seconds(2),
                            .max_waiting = 9,
                            .lease = seconds(15),
                            .leak_after = hours(1),
                            .retry_attempts = 4,
                            .share_on_store_loss = true,
                            .zone = "z",
                            .balance = Balance::kSticky,
                            .dns_refresh = seconds(12)}));
}

TEST(PoolSection, TakesEveryOptionOfItsParts) {
  const PoolOptions p = Only(Good(
      "pools:\n- name: a\n"
      "  endpoints: [{address: 'unix:/run/x', weight: 0.5, role: shard}]\n"
      "  health: {check: grpc, every: 2s, timeout: 300ms, rise: 1, fall: 4, "
      "path: /up, service: s, user: u, database: d, eject_after: 6, "
      "eject_rate: 0.4, eject_minimum: 8, eject_window: 7s, eject_for: 9s, "
      "eject_max: 2m, eject_share: 0.3, panic: 0.2, slow_start: 11s}\n"
      "  thresholds: {cpu: 0.7, memory: 0.6, requests_per_second: 50, "
      "valid_for: 3s}\n"));
  EXPECT_THAT(p.endpoints, ElementsAre(EndpointOptions{.address = "unix:/run/x",
                                                       .weight = 0.5,
                                                       .role = Role::kShard}));
  EXPECT_EQ(p.health, (HealthOptions{.check = Check::kGrpc,
                                     .every = seconds(2),
                                     .timeout = milliseconds(300),
                                     .rise = 1,
                                     .fall = 4,
                                     .path = "/up",
                                     .service = "s",
                                     .user = "u",
                                     .database = "d",
                                     .eject_after = 6,
                                     .eject_rate = 0.4,
                                     .eject_minimum = 8,
                                     .eject_window = seconds(7),
                                     .eject_for = seconds(9),
                                     .eject_max = minutes(2),
                                     .eject_share = 0.3,
                                     .panic = 0.2,
                                     .slow_start = seconds(11)}));
  EXPECT_EQ(p.thresholds, (ThresholdOptions{.cpu = 0.7,
                                            .memory = 0.6,
                                            .requests_per_second = 50,
                                            .valid_for = seconds(3)}));
}

TEST(PoolSection, SaysWhatIsWrongAndWhere) {
  const struct {
    const char* option;
    const char* expected;
  } kCases[] = {
      {"max_connections: 0", "f:1: column 36: pools[0].max_connections: "},
      {"acquire_timeout: 5", "pools[0].acquire_timeout: '5' has no unit"},
      {"lease: 10ms", "pools[0].lease: "},
      {"balance: best", "pools[0].balance: 'best' is not one of least_conn"},
      {"on_store_loss: allow", "'allow' is not one of deny, share"},
      {"endpoints: {}", "pools[0].endpoints: must be a list"},
      {"endpoints: [{weight: 1}]", "pools[0].endpoints[0]"},
      {"endpoints: [{address: nonsense}]", "pools[0].endpoints[0].address: "},
      {"endpoints: [{address: 'h:1', role: king}]",
       "pools[0].endpoints[0].role: 'king' is not one of primary, replica, s"},
      {"endpoints: [{address: 'h:1', weight: 0}]",
       "pools[0].endpoints[0].weight: "},
      {"health: {check: ping}", "pools[0].health.check: 'ping' is not one of"},
      {"health: {every: 1ms}", "pools[0].health.every: "},
      {"health: {every: 1s, timeout: 2s}", "pools[0].health.timeout: "},
      {"health: {panik: 1}", "unknown key (did you mean panic?)"},
      {"thresholds: {cpu: 80}", "pools[0].thresholds.cpu: "},
  };
  for (const auto& c : kCases) {
    const std::string text = absl::StrCat("pools: [{name: a, ", c.option, "}]");
    EXPECT_THAT(Complaints(text), ElementsAre(HasSubstr(c.expected))) << text;
  }
}

TEST(PoolSection, BoundsItsLists) {
  std::string endpoints = "pools:\n- name: a\n  endpoints:\n";
  for (size_t i = 0; i <= pool::kMaxEndpoints; ++i) {
    absl::StrAppend(&endpoints, "  - address: h:", i + 1, "\n");
  }
  EXPECT_THAT(Complaints(endpoints),
              ElementsAre(HasSubstr("pools[0].endpoints: has more than 1000")));
  std::string pools = "pools:\n";
  for (size_t i = 0; i <= pool::kMaxPools; ++i) {
    absl::StrAppend(&pools, "- name: n", i, "\n");
  }
  EXPECT_THAT(Complaints(pools),
              ElementsAre(HasSubstr("pools: has more than 256")));
  EXPECT_THAT(Complaints("pools: [{name: a}, {name: a}]"),
              ElementsAre(HasSubstr("'a' is there twice")));
}

TEST(PoolSection, TakesThePodsZoneAndChecksInTheTimeThatThereIs) {
  const Config config = Good(
      "server: {zone: b}\npools: [{name: near, health: {every: 500ms}}, "
      "{name: far, zone: c}]\n");
  EXPECT_EQ(config.pools[0].zone, "b");
  EXPECT_EQ(config.pools[0].health.timeout, milliseconds(500));
  EXPECT_EQ(config.pools[1].zone, "c");
  EXPECT_EQ(Good("pools: [{name: a}]", {{"OUTRIGGER_SERVER_ZONE", "z"}})
                .pools[0]
                .zone,
            "z");
}

TEST(PoolSection, IsDescribedAndReloadedWhileRunning) {
  const Config config = Good(
      "profile: test\npools: [{name: a, on_store_loss: share, health: {check: "
      "redis}}, {name: b, endpoints: [{dns: 'x:1', backup: true}], balance: "
      "zone_aware}]\n");
  EXPECT_EQ(Good(Describe(config)), config) << Describe(config);
  EXPECT_THAT(RestartOnlyChanges(Good(""), Good("pools: [{name: a}]")),
              IsEmpty());
}

TEST(PoolSection, HasTheProfilesDefaults) {
  const auto only = [](const char* profile) {
    return Only(
        Good(absl::StrCat("profile: ", profile, "\npools: [{name: a}]")));
  };
  EXPECT_EQ(only("prod"), PoolOptions{.name = "a"});
  EXPECT_EQ(only("dev").acquire_timeout, seconds(5));
  EXPECT_EQ(only("dev").health.every, seconds(1));
  EXPECT_EQ(only("dev").health.eject_for, seconds(5));
  EXPECT_EQ(only("test").acquire_timeout, seconds(1));
  EXPECT_EQ(only("test").health.eject_for, seconds(1));
}

const Environment kAll = {{"CONNECTION_POOL_MAX_CONNECTIONS", "70"},
                          {"CONNECTION_POOL_TIMEOUT", "1m"},
                          {"CONNECTION_POOL_RETRY_ATTEMPTS", "0"}};

TEST(PoolVariables, MakeAPoolDefault) {
  EXPECT_EQ(Only(Good("", kAll)), (PoolOptions{.name = "default",
                                               .max_connections = 70,
                                               .acquire_timeout = minutes(1),
                                               .retry_attempts = 0}));
}

TEST(PoolVariables, AreTheDefaultsOfThoseThatAreConfigured) {
  const Config config =
      Good("pools: [{name: a}, {name: b, max_connections: 5}]", kAll);
  ASSERT_THAT(config.pools, SizeIs(2));
  EXPECT_EQ(config.pools[0].max_connections, 70);
  EXPECT_EQ(config.pools[1].max_connections, 5);
  EXPECT_EQ(config.pools[1].retry_attempts, 0);
}

TEST(PoolVariables, AreChecked) {
  EXPECT_THAT(Complaints("", {{"CONNECTION_POOL_TIMEOUT", "soon"}}),
              ElementsAre(HasSubstr("environment: CONNECTION_POOL_TIMEOUT: "
                                    "pools[0].acquire_timeout: 'soon'")));
  EXPECT_THAT(Complaints("pools: 5", kAll),
              Contains(HasSubstr("pools: must be a list")));
}

}  // namespace
}  // namespace outrigger::config
