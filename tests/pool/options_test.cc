// What a pool's configuration may say.
#include "pool/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace outrigger::pool {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::StartsWith;

EndpointOptions At(std::string address) {
  EndpointOptions endpoint;
  endpoint.address = std::move(address);
  return endpoint;
}

EndpointOptions Named(std::string dns) {
  EndpointOptions endpoint;
  endpoint.dns = std::move(dns);
  return endpoint;
}

// Of a good pool with one thing changed.
template <typename Change>
std::string Objection(Change change) {
  PoolOptions options;
  options.name = "orders-db";
  options.endpoints = {At("10.0.0.5:5432"), Named("replicas.db:5432")};
  change(options);
  return std::string(Validate(options).message());
}

TEST(PoolOptionsTest, DefaultsAreGood) {
  EXPECT_EQ(Objection([](auto&) {}), "");
  EXPECT_EQ(Objection([](PoolOptions& o) { o.endpoints.clear(); }), "");
}

TEST(PoolOptionsTest, EachFieldHasItsRangeAndIsNamed) {
  using O = PoolOptions;
  const auto expect = [](const std::string& field, auto change) {
    EXPECT_THAT(Objection(change), StartsWith(field + ": "));
  };
  expect("name", [](O& o) { o.name = ""; });
  expect("name", [](O& o) { o.name = std::string(65, 'n'); });
  expect("name", [](O& o) { o.name = "a/b"; });
  expect("max_connections", [](O& o) { o.max_connections = 0; });
  expect("max_connections", [](O& o) { o.max_connections = 1'000'001; });
  expect("max_overflow", [](O& o) { o.max_overflow = -1; });
  expect("max_overflow", [](O& o) { o.max_overflow = 1'000'001; });
  expect("acquire_timeout", [](O& o) { o.acquire_timeout = Duration(-1); });
  expect("acquire_timeout", [](O& o) { o.acquire_timeout = seconds(3601); });
  expect("max_waiting", [](O& o) { o.max_waiting = 0; });
  expect("max_waiting", [](O& o) { o.max_waiting = 1'000'001; });
  expect("lease", [](O& o) { o.lease = milliseconds(999); });
  expect("lease", [](O& o) { o.lease = seconds(3601); });
  expect("leak_after", [](O& o) { o.leak_after = Duration(-1); });
  expect("leak_after", [](O& o) { o.leak_after = hours(721); });
  expect("retry_attempts", [](O& o) { o.retry_attempts = -1; });
  expect("retry_attempts", [](O& o) { o.retry_attempts = 101; });
  expect("zone", [](O& o) { o.zone = std::string(65, 'z'); });
  expect("dns_refresh", [](O& o) { o.dns_refresh = milliseconds(999); });
  expect("dns_refresh", [](O& o) { o.dns_refresh = hours(2); });
}

TEST(PoolOptionsTest, EachFieldOfHealthHasItsRangeAndIsNamed) {
  using H = HealthOptions;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto expect = [](const std::string& field, auto change) {
    EXPECT_THAT(Objection([&](PoolOptions& o) { change(o.health); }),
                StartsWith("health." + field + ": "));
  };
  expect("every", [](H& h) { h.every = milliseconds(99); });
  expect("every", [](H& h) { h.every = hours(2); });
  expect("timeout", [](H& h) { h.timeout = milliseconds(9); });
  expect("timeout", [](H& h) { h.timeout = h.every + Duration(1); });
  expect("rise", [](H& h) { h.rise = 0; });
  expect("rise", [](H& h) { h.rise = 101; });
  expect("fall", [](H& h) { h.fall = 0; });
  expect("fall", [](H& h) { h.fall = 101; });
  expect("path", [](H& h) { h.path = ""; });
  expect("path", [](H& h) { h.path = "healthz"; });
  expect("path", [](H& h) { h.path = "/a b"; });
  expect("path", [](H& h) { h.path = "/\r\nHost: evil"; });
  expect("path", [](H& h) { h.path = "/" + std::string(1024, 'p'); });
  expect("service", [](H& h) { h.service = std::string(1025, 's'); });
  expect("user", [](H& h) { h.user = ""; });
  expect("user", [](H& h) { h.user = std::string(1025, 'u'); });
  expect("user", [](H& h) { h.user = std::string(1, '\0'); });
  expect("database", [](H& h) { h.database = std::string(1025, 'd'); });
  expect("database", [](H& h) { h.database = std::string(1, '\0'); });
  expect("eject_after", [](H& h) { h.eject_after = -1; });
  expect("eject_after", [](H& h) { h.eject_after = 1001; });
  expect("eject_rate", [](H& h) { h.eject_rate = 1.1; });
  expect("eject_rate", [&](H& h) { h.eject_rate = nan; });
  expect("eject_minimum", [](H& h) { h.eject_minimum = 0; });
  expect("eject_minimum", [](H& h) { h.eject_minimum = 1'000'001; });
  expect("eject_window", [](H& h) { h.eject_window = milliseconds(99); });
  expect("eject_window", [](H& h) { h.eject_window = hours(2); });
  expect("eject_for", [](H& h) { h.eject_for = Duration(0); });
  expect("eject_for", [](H& h) { h.eject_for = hours(25); });
  expect("eject_max", [](H& h) { h.eject_max = h.eject_for - Duration(1); });
  expect("eject_max", [](H& h) { h.eject_max = hours(25); });
  expect("eject_share", [](H& h) { h.eject_share = -0.1; });
  expect("eject_share", [&](H& h) { h.eject_share = nan; });
  expect("panic", [](H& h) { h.panic = 1.1; });
  expect("panic", [&](H& h) { h.panic = nan; });
  expect("slow_start", [](H& h) { h.slow_start = Duration(-1); });
  expect("slow_start", [](H& h) { h.slow_start = hours(2); });
}

TEST(PoolOptionsTest, EachThresholdHasItsRangeAndIsNamed) {
  using T = ThresholdOptions;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto expect = [](const std::string& field, auto change) {
    EXPECT_THAT(Objection([&](PoolOptions& o) { change(o.thresholds); }),
                StartsWith("thresholds." + field + ": "));
  };
  expect("cpu", [](T& t) { t.cpu = 1.1; });
  expect("cpu", [&](T& t) { t.cpu = nan; });
  expect("memory", [](T& t) { t.memory = -0.1; });
  expect("memory", [&](T& t) { t.memory = nan; });
  expect("requests_per_second", [](T& t) { t.requests_per_second = 0; });
  expect("requests_per_second", [&](T& t) { t.requests_per_second = nan; });
  expect("valid_for", [](T& t) { t.valid_for = milliseconds(99); });
  expect("valid_for", [](T& t) { t.valid_for = hours(2); });
}

TEST(PoolOptionsTest, EndpointsAreNamedByTheirPlace) {
  using O = PoolOptions;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto expect = [](const std::string& field, auto change) {
    EXPECT_THAT(Objection(change), StartsWith("endpoints" + field + ": "));
  };
  expect("[0].address", [](O& o) { o.endpoints[0].address = ""; });
  expect("[0].address", [](O& o) { o.endpoints[0].dns = "db:1"; });
  expect("[0].weight", [](O& o) { o.endpoints[0].weight = 0; });
  expect("[0].weight", [](O& o) { o.endpoints[0].weight = 1000.1; });
  expect("[1].weight", [&](O& o) { o.endpoints[1].weight = nan; });
  expect("[1].zone", [](O& o) { o.endpoints[1].zone = std::string(65, 'z'); });
  expect("[1].backup", [](O& o) {
    o.endpoints[1].role = Role::kShard;
    o.endpoints[1].backup = true;
  });
  expect("[2].address",
         [](O& o) { o.endpoints.push_back(At("10.0.0.5:5432")); });
  expect("[2].dns",
         [](O& o) { o.endpoints.push_back(Named("replicas.db:5432")); });
  expect("", [](O& o) {
    o.endpoints.clear();
    for (int i = 1; i <= 1001; ++i) {
      o.endpoints.push_back(At("h:" + std::to_string(i)));
    }
  });
}

TEST(PoolOptionsTest, AnAddressIsAHostAndAPortOrASocket) {
  const auto objection = [](std::string address) {
    return Objection([&](PoolOptions& o) { o.endpoints[0].address = address; });
  };
  for (const char* good : {"h:1", "10.0.0.5:65535", "[::1]:80", "a.b-c_d:5432",
                           "unix:/run/db.sock"}) {
    EXPECT_EQ(objection(good), "") << good;
  }
  for (const char* bad :
       {"h", "h:", ":80", "h:0", "h:65536", "h:x", "h:-1", "h:+1", "h: 1",
        "::1:80", "[::1:80", "::1]:80", "[h]:80", "[]:80", "h h:80",
        "http://h:80", "unix:", "unix:run/db.sock"}) {
    EXPECT_THAT(objection(bad), StartsWith("endpoints[0].address: ")) << bad;
  }
  EXPECT_EQ(objection("unix:/" + std::string(106, 's')), "");
  EXPECT_NE(objection("unix:/" + std::string(107, 's')), "");
  EXPECT_NE(objection(std::string(254, 'h') + ":80"), "");
  EXPECT_THAT(Objection([](PoolOptions& o) {
                o.endpoints[1].dns = "unix:/run/db.sock";
              }),
              StartsWith("endpoints[1].dns: "));
}

TEST(PoolOptionsTest, EdgesAreGood) {
  EXPECT_EQ(Objection([](PoolOptions& o) {
              o.name = std::string(64, 'n');
              o.max_connections = 1'000'000;
              o.max_overflow = 1'000'000;
              o.acquire_timeout = Duration::zero();
              o.max_waiting = 1;
              o.lease = hours(1);
              o.leak_after = Duration::zero();
              o.retry_attempts = 0;
              o.health.timeout = o.health.every;
              o.health.eject_after = 0;
              o.health.eject_share = 0;
              o.health.panic = 0;
              o.health.eject_max = o.health.eject_for;
              o.health.slow_start = hours(1);
              o.endpoints[0].weight = 0.001;
              o.endpoints[1].weight = 1000;
            }),
            "");
}

TEST(PoolOptionsTest, Names) {
  EXPECT_EQ(BalanceName(Balance::kLeastConnections), "least_connections");
  EXPECT_EQ(BalanceName(Balance::kRoundRobin), "round_robin");
  EXPECT_EQ(BalanceName(Balance::kWeighted), "weighted");
  EXPECT_EQ(BalanceName(Balance::kRandomTwo), "random_two");
  EXPECT_EQ(BalanceName(Balance::kSticky), "sticky");
  EXPECT_EQ(BalanceName(Balance::kZoneAware), "zone_aware");
  EXPECT_EQ(RoleName(Role::kAny), "");
  EXPECT_EQ(RoleName(Role::kPrimary), "primary");
  EXPECT_EQ(RoleName(Role::kReplica), "replica");
  EXPECT_EQ(RoleName(Role::kShard), "shard");
  EXPECT_EQ(CheckName(Check::kNone), "none");
  EXPECT_EQ(CheckName(Check::kTcp), "tcp");
  EXPECT_EQ(CheckName(Check::kHttp), "http");
  EXPECT_EQ(CheckName(Check::kGrpc), "grpc");
  EXPECT_EQ(CheckName(Check::kRedis), "redis");
  EXPECT_EQ(CheckName(Check::kPostgres), "postgres");
}

}  // namespace
}  // namespace outrigger::pool
