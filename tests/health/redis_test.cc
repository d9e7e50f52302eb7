// Checks of a real Redis, and of plain TCP.
#include <gtest/gtest.h>

#include "health/watched.h"
#include "support/redis_server.h"

namespace outrigger::health {
namespace {

std::string AddressOf(const RedisServer& server) {
  return "127.0.0.1:" + std::to_string(server.port());
}

TEST(RedisCheck, FollowsAServerThatDiesHangsAndComesBack) {
  RedisServer server;
  const std::string address = AddressOf(server);
  Watched watched({PoolOf(pool::Check::kRedis, {address})});
  EXPECT_TRUE(watched.Becomes(address, true));

  server.Kill();
  EXPECT_TRUE(watched.Becomes(address, false));
  EXPECT_TRUE(watched.Says(address, "connect: Connection refused"));
  server.Restart();
  EXPECT_TRUE(watched.Becomes(address, true));

  server.Stop();
  EXPECT_TRUE(watched.Becomes(address, false));
  EXPECT_TRUE(watched.Says(address, "no answer within 100ms"));
  server.Continue();
  EXPECT_TRUE(watched.Becomes(address, true));

  watched.End();
  EXPECT_GE(watched.Metric(telemetry::kPoolChecks, "passed"), 3);
  EXPECT_GE(watched.Metric(telemetry::kPoolChecks, "failed"), 4);
  EXPECT_EQ(watched.Metric(telemetry::kPoolCheckTime),
            watched.Metric(telemetry::kPoolChecks));
}

TEST(RedisCheck, NeedsNoPassword) {
  RedisServer server({"--requirepass", "x"});
  Watched watched({PoolOf(pool::Check::kRedis, {AddressOf(server)})});
  EXPECT_TRUE(watched.Becomes(AddressOf(server), true));
}

TEST(RedisCheck, SaysWhatTheServerSays) {
  RedisServer replica(
      {"--replicaof", "127.0.0.1 1", "--replica-serve-stale-data", "no"});
  Watched watched({PoolOf(pool::Check::kRedis, {AddressOf(replica)})});
  EXPECT_TRUE(watched.Becomes(AddressOf(replica), false));
  EXPECT_TRUE(
      watched.Says(AddressOf(replica), "PING is answered: MASTERDOWN "));
}

TEST(RedisCheck, WorksOverAUnixSocket) {
  TempDir dir;
  const std::string path = dir.path() + "/redis.sock";
  RedisServer server({"--unixsocket", path});
  Watched watched(
      {PoolOf(pool::Check::kRedis, {"unix:" + path, "unix:/nowhere"})});
  EXPECT_TRUE(watched.Becomes("unix:" + path, true));
  EXPECT_TRUE(
      watched.Says("unix:/nowhere", "connect: No such file or directory"));
}

TEST(TcpCheck, IsContentWithAConnection) {
  RedisServer server;
  const std::string address = AddressOf(server);
  const std::string nobody = "127.0.0.1:" + std::to_string(FreePort());
  Watched watched({PoolOf(pool::Check::kTcp, {address, nobody})});
  EXPECT_TRUE(watched.Becomes(address, true));
  EXPECT_TRUE(watched.Says(nobody, "connect: Connection refused"));
  server.Kill();
  EXPECT_TRUE(watched.Becomes(address, false));
}

TEST(TcpCheck, TriesAllAddressesOfAName) {
  RedisServer server;  // on 127.0.0.1 only
  const auto both = [](auto& host, uint16_t port) {
    std::vector<SocketAddress> found;
    for (const char* ip : {"::1", "127.0.0.1"}) {
      found.push_back(SystemLookup(ip, port)->front());
    }
    return absl::StatusOr<std::vector<SocketAddress>>(found);
  };
  const std::string address = "db:" + std::to_string(server.port());
  Watched watched({PoolOf(pool::Check::kTcp, {address})}, {.lookup = both});
  EXPECT_TRUE(watched.Becomes(address, true));
  EXPECT_TRUE(watched.Becomes(address, true));
}

TEST(TcpCheck, ANameThatIsNotThereFails) {
  const auto none = [](auto&, uint16_t) {
    return absl::StatusOr<std::vector<SocketAddress>>(
        absl::UnavailableError("the name is not resolved: x"));
  };
  Watched watched({PoolOf(pool::Check::kTcp, {"db:1"})}, {.lookup = none});
  EXPECT_TRUE(watched.Says("db:1", "the name is not resolved: x"));
}

}  // namespace
}  // namespace outrigger::health
