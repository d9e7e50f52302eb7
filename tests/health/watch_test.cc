// Which endpoints are checked and looked up, and when.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "health/scripted_server.h"
#include "health/target.h"
#include "health/watch/turns.h"
#include "health/watched.h"

namespace outrigger::health {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A name server of the test's own.
class Names {
 public:
  // As Resolver::Lookup, with the port that is asked for.
  Resolver::Lookup Lookup() const {
    return [this](const std::string& host,
                  uint16_t port) -> absl::StatusOr<std::vector<SocketAddress>> {
      ++asked;
      absl::MutexLock lock(&mutex_);
      std::vector<SocketAddress> found;
      const auto it = names_.find(host);
      if (it == names_.end()) return absl::UnavailableError("no such name");
      for (const std::string& ip : it->second) {
        found.push_back(SystemLookup(ip, port)->front());
      }
      return found;
    };
  }
  void Set(const std::string& host, std::vector<std::string> ips) {
    absl::MutexLock lock(&mutex_);
    names_[host] = std::move(ips);
  }
  void Remove(const std::string& host) {
    absl::MutexLock lock(&mutex_);
    names_.erase(host);
  }

  mutable std::atomic<int> asked{0};

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, std::vector<std::string>> names_
      ABSL_GUARDED_BY(mutex_);
};

pool::PoolOptions PoolOfName(const std::string& dns, pool::Check check) {
  pool::PoolOptions options = PoolOf(check, {});
  options.dns_refresh = std::chrono::seconds(1);
  options.endpoints.push_back({.dns = dns});
  return options;
}

TEST(NameWatch, LooksNamesUpAgainAndAgain) {
  Names names;
  names.Set("db", {"10.0.0.2", "10.0.0.1", "10.0.0.2"});
  Watched watched({PoolOfName("db:5432", pool::Check::kNone)},
                  {.lookup = names.Lookup()});
  EXPECT_TRUE(WaitFor([&] { return !watched.Resolved("db:5432").empty(); }));
  EXPECT_THAT(watched.Resolved("db:5432"),
              ElementsAre("10.0.0.1:5432", "10.0.0.2:5432"));
  names.Set("db", {"10.0.0.3"});
  EXPECT_TRUE(WaitFor([&] { return watched.Resolved("db:5432").size() == 1; }));
  EXPECT_THAT(watched.Resolved("db:5432"), ElementsAre("10.0.0.3:5432"));
  EXPECT_GE(watched.Metric(telemetry::kPoolResolutions, "ok"), 2);
  EXPECT_EQ(watched.Metric(telemetry::kPoolChecks), 0);
}

TEST(NameWatch, WhatFailsKeepsWhatWasFound) {
  Names names;
  names.Set("db", {"127.0.0.1"});
  ScriptedServer server({"+PONG\r\n"});
  const std::string dns = "db" + server.address().substr(9);
  Watched watched({PoolOfName(dns, pool::Check::kRedis)},
                  {.lookup = names.Lookup()});
  EXPECT_TRUE(watched.Becomes(server.address(), true));
  names.Remove("db");
  EXPECT_TRUE(WaitFor([&] {
    return watched.Metric(telemetry::kPoolResolutions, "failed") >= 2;
  }));
  EXPECT_THAT(watched.Resolved(dns), ElementsAre(server.address()));
  EXPECT_TRUE(watched.Becomes(server.address(), true));  // is checked still
}

TEST(NameWatch, ANameThatComesLaterIsFound) {
  Names names;
  auto options = PoolOfName("db:1", pool::Check::kNone);
  options.dns_refresh = std::chrono::hours(1);
  Watched watched({options}, {.lookup = names.Lookup()});
  EXPECT_TRUE(WaitFor([&] { return names.asked > 0; }));
  names.Set("db", {"10.0.0.1"});  // long before the hour is over
  EXPECT_TRUE(WaitFor([&] { return !watched.Resolved("db:1").empty(); }));
}

TEST(NameWatch, KnowsLocalhost) {
  Watched watched({PoolOfName("localhost:80", pool::Check::kNone)});
  EXPECT_TRUE(
      WaitFor([&] { return !watched.Resolved("localhost:80").empty(); }));
  EXPECT_THAT(
      watched.Resolved("localhost:80"),
      testing::AnyOf(ElementsAre("127.0.0.1:80"), ElementsAre("[::1]:80")));
}

TEST(Monitor, ChecksTheAddressesOfANameWhileItHasThem) {
  ScriptedServer server({"+PONG\r\n"});
  const std::string dns = "db" + server.address().substr(9);
  const std::string other = "127.0.0.2" + server.address().substr(9);
  Names names;
  names.Set("db", {"127.0.0.1", "127.0.0.2"});
  Watched watched({PoolOfName(dns, pool::Check::kRedis)},
                  {.lookup = names.Lookup()});
  EXPECT_TRUE(watched.Becomes(server.address(), true));
  EXPECT_FALSE(watched.Next(other).passed);
  names.Set("db", {"127.0.0.1"});
  EXPECT_TRUE(WaitFor([&] { return watched.Resolved(dns).size() == 1; }));
  const size_t had = watched.Of(other).size();
  watched.Next(server.address());
  EXPECT_LE(watched.Of(other).size(), had + 1);  // which was under way
}

TEST(Monitor, TakesNewOptions) {
  ScriptedServer redis({"+PONG\r\n"}), http({"HTTP/1.1 200 OK\r\n\r\n"});
  Watched watched({PoolOf(pool::Check::kRedis, {redis.address()})});
  EXPECT_TRUE(watched.Becomes(redis.address(), true));
  // One more endpoint, which speaks another protocol.
  watched.monitor().Update(
      {PoolOf(pool::Check::kRedis, {redis.address(), http.address()})});
  EXPECT_FALSE(watched.Next(http.address()).passed);
  EXPECT_TRUE(watched.Becomes(redis.address(), true));
  // Another check.
  watched.monitor().Update(
      {PoolOf(pool::Check::kHttp, {redis.address(), http.address()})});
  EXPECT_TRUE(watched.Becomes(http.address(), true));
  EXPECT_TRUE(watched.Becomes(redis.address(), false));
  // No check; then no pool.
  watched.monitor().Update({PoolOf(pool::Check::kNone, {redis.address()})});
  watched.monitor().Update({});
  EXPECT_TRUE(WaitFor([&] { return http.now() + redis.now() == 0; }));
  const double had = watched.Metric(telemetry::kPoolChecks);
  watched.End();
  EXPECT_LE(watched.Metric(telemetry::kPoolChecks), had + 2);
}

TEST(Monitor, ChecksSoManyAtATimeAndTheOthersInTurn) {
  ScriptedServer server({""});  // hangs, so that each takes its whole time
  std::vector<pool::PoolOptions> pools;
  for (int i = 0; i < 10; ++i) {
    pools.push_back(PoolOf(pool::Check::kRedis, {server.address()}));
    pools.back().name = "p" + std::to_string(i);
  }
  Watched watched(pools, {.max_checks_under_way = 3});
  EXPECT_TRUE(
      WaitFor([&] { return watched.Of(server.address()).size() >= 30; }));
  // The server may hear of an end later than of the next beginning.
  EXPECT_LE(server.most(), 6);
  EXPECT_GT(watched.Metric(telemetry::kPoolChecksDelayed), 0);
}

TEST(Monitor, ThousandEndpointsThatRefuseAreNoTrouble) {
  std::vector<std::string> addresses;
  for (size_t i = 0; i < pool::kMaxEndpoints; ++i) {
    addresses.push_back("unix:/nowhere/" + std::to_string(i));
  }
  Watched watched({PoolOf(pool::Check::kTcp, addresses)},
                  {.max_checks_under_way = 1});
  for (const std::string& address : addresses) {
    EXPECT_TRUE(WaitFor([&] { return !watched.Of(address).empty(); }));
  }
}

class Taker : public Turns::Taker {
 public:
  explicit Taker(std::function<void()> work) : work_(std::move(work)) {}
  void OnTurn() override { work_(); }

 private:
  const std::function<void()> work_;
};

TEST(Turns, GoInOrderAndNotDeep) {
  telemetry::Counter delayed;
  Turns turns(1, delayed);
  std::vector<int> order;
  int depth = 0, deepest = 0;
  std::vector<std::unique_ptr<Taker>> takers;
  for (int i = 0; i < 1000; ++i) {
    takers.push_back(std::make_unique<Taker>([&, i] {
      deepest = std::max(deepest, ++depth);
      order.push_back(i);
      if (i > 0) turns.GiveBack();
      --depth;
    }));
    turns.Take(takers.back().get());
  }
  EXPECT_THAT(order, ElementsAre(0));
  EXPECT_EQ(delayed.Value(), 999);
  turns.Withdraw(takers[1].get());
  turns.GiveBack();
  EXPECT_EQ(order.size(), 999);
  EXPECT_EQ(order[1], 2);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(deepest, 1);
}

TEST(Target, IsTakenApart) {
  EXPECT_EQ(ParseTarget("db.local:5432").host, "db.local");
  EXPECT_EQ(ParseTarget("db.local:5432").port, 5432);
  EXPECT_EQ(ParseTarget("[::1]:80").host, "::1");
  EXPECT_EQ(ParseTarget("unix:/run/x:1").unix_path, "/run/x:1");
  for (const char* nothing : {"", "db", "db:", "db:x", "db:65536"}) {
    EXPECT_EQ(ParseTarget(nothing).port, 0) << nothing;
  }
}

TEST(AddressTexts, PreferIPv4) {
  const auto of = [](const std::vector<std::string>& ips) {
    std::vector<SocketAddress> addresses;
    for (const std::string& ip : ips) {
      addresses.push_back(SystemLookup(ip, 80)->front());
    }
    return AddressTexts(addresses);
  };
  EXPECT_THAT(of({"2001:db8::1", "10.0.0.2", "10.0.0.1"}),
              ElementsAre("10.0.0.1:80", "10.0.0.2:80"));
  EXPECT_THAT(of({"2001:db8::1"}), ElementsAre("[2001:db8::1]:80"));
  EXPECT_THAT(of({}), IsEmpty());
}

}  // namespace
}  // namespace outrigger::health
