// Checks of a real PostgreSQL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "health/watched.h"
#include "support/postgres_server.h"

namespace outrigger::health {
namespace {

using testing::HasSubstr;
using testing::Not;

pool::PoolOptions PoolOn(const std::vector<std::string>& addresses,
                         Duration every = std::chrono::milliseconds(200)) {
  pool::PoolOptions options = PoolOf(pool::Check::kPostgres, addresses);
  options.health.user = "admin";
  options.health.database = "postgres";
  options.health.every = options.health.timeout = every;
  return options;
}

TEST(PostgresCheck, FollowsAServerThatDiesHangsAndComesBack) {
  PostgresServer server;
  const std::string address = server.address();
  const std::string socket = "unix:" + server.socket_path();
  Watched watched({PoolOn({address, socket})});
  EXPECT_TRUE(watched.Becomes(address, true));
  EXPECT_TRUE(watched.Becomes(socket, true));

  server.Kill();
  EXPECT_TRUE(watched.Becomes(address, false));
  EXPECT_TRUE(watched.Says(address, "connect: Connection refused"));
  server.Restart();
  EXPECT_TRUE(watched.Becomes(address, true));

  server.Stop();
  EXPECT_TRUE(watched.Becomes(address, false));
  EXPECT_TRUE(watched.Says(address, "no answer within 200ms"));
  server.Continue();
  EXPECT_TRUE(watched.Becomes(address, true));
}

TEST(PostgresCheck, AServerThatRefusesTheUserLives) {
  PostgresServer server({},
                        "host all admin all trust\n"
                        "host all secret all scram-sha-256\n"
                        "host all stranger all reject\n");
  std::vector<pool::PoolOptions> pools;
  for (const char* user : {"secret", "stranger", "unheard-of"}) {
    pools.push_back(PoolOn({server.address()}, std::chrono::seconds(2)));
    pools.back().name = user;
    pools.back().health.user = user;
  }
  pools.push_back(PoolOn({server.address()}, std::chrono::seconds(2)));
  pools.back().health.database = "nowhere";
  pools.push_back(PoolOn({server.address()}, std::chrono::seconds(2)));
  pools.back().name = "welcome";
  Watched watched(std::move(pools));
  EXPECT_TRUE(WaitFor(
      [&] { return watched.Metric(telemetry::kPoolChecks, "passed") >= 5; }));
  EXPECT_EQ(watched.Metric(telemetry::kPoolChecks, "failed"), 0);
  watched.End();
  EXPECT_THAT(server.Log(), HasSubstr("\"nowhere\" does not exist"));
  EXPECT_THAT(server.Log(), HasSubstr("rejects connection"));
  // They were left politely.
  for (const char* noise : {"expected password response", "unexpected EOF",
                            "could not receive data"}) {
    EXPECT_THAT(server.Log(), Not(HasSubstr(noise)));
  }
}

TEST(PostgresCheck, AServerWithNoConnectionLeftFails) {
  PostgresServer server(
      {"max_connections=4", "superuser_reserved_connections=0"});
  const std::string address = server.address();
  std::vector<std::unique_ptr<PostgresClient>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(
        std::make_unique<PostgresClient>(server.ConnectionString()));
    ASSERT_TRUE(clients.back()->ok()) << clients.back()->error();
  }
  Watched watched({PoolOn({address})});
  EXPECT_TRUE(watched.Becomes(address, false));
  EXPECT_TRUE(watched.Says(address, "PostgreSQL refuses: 53300 "));
  clients.clear();
  EXPECT_TRUE(watched.Becomes(address, true));
}

}  // namespace
}  // namespace outrigger::health
