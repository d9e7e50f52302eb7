#include "outrigger/libpq.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "libpq/parameters.h"
#include "support.h"

namespace outrigger::client::libpq {
namespace {

TEST(ParametersTest, TheEndpointReplacesHostAndPort) {
  auto parameters = *ParametersFor("host=a port=1 dbname=d", "");
  EXPECT_EQ(parameters["host"], "a");
  parameters = *ParametersFor("host=a hostaddr=1.2.3.4 dbname=d", "b:5432");
  EXPECT_EQ(parameters["host"], "b");
  EXPECT_EQ(parameters["port"], "5432");
  EXPECT_EQ(parameters["dbname"], "d");
  EXPECT_FALSE(parameters.contains("hostaddr"));
  parameters = *ParametersFor("postgresql://u@a/d", "unix:/run/.s.PGSQL.7");
  EXPECT_EQ(parameters["host"], "/run");
  EXPECT_EQ(parameters["port"], "7");
  EXPECT_EQ(parameters["user"], "u");
}

TEST(ParametersTest, WhatCannotBeReadIsAMistake) {
  EXPECT_TRUE(absl::IsInvalidArgument(ParametersFor("nonsense", "").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      ParametersFor("dbname=d", "nowhere").status()));
}

// Beside with_sidecar.py --postgres: the role may have as many connections as
// the pool has slots, 5.
TEST(ConnectionTest, PostgresNeverRefusesAConnectionTooMany) {
  Client client = Connected();
  Pool pool = client.pool("postgres");
  std::atomic<int> queries{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 5; ++j) {
        const auto connection =
            Connection::Open(pool, "",
                             {.acquire = {.max_wait = absl::Seconds(20)},
                              .farewell = absl::Seconds(10)});
        ASSERT_TRUE(connection.ok()) << connection.status();
        PGresult* rows = PQexec(connection->get(), "SELECT 1");
        EXPECT_EQ(PQresultStatus(rows), PGRES_TUPLES_OK);
        PQclear(rows);
        ++queries;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(queries, 60);
  EXPECT_TRUE(Eventually([&] { return pool.pending() == 0; }));
}

TEST(ConnectionTest, OfALostLeaseIsNotUsedAgain) {
  Client client = Connected();
  Pool pool = client.pool("postgres");
  auto connection = Connection::Open(pool, "");
  ASSERT_TRUE(connection.ok()) << connection.status();
  PGconn* const raw = connection->get();
  client.Close();
  EXPECT_TRUE(connection->lost());
  EXPECT_EQ(connection->get(), nullptr);
  PGresult* rows = PQexec(raw, "SELECT 1");  // one that had begun fails
  EXPECT_NE(PQresultStatus(rows), PGRES_TUPLES_OK);
  PQclear(rows);
  connection->Close();
  connection->Close();
}

TEST(ConnectionTest, OneThatCannotBeMadeGivesItsSlotBack) {
  Client client = Connected();
  Pool pool = client.pool("postgres");
  const auto refused = Connection::Open(pool, "dbname=there_is_none");
  EXPECT_TRUE(absl::IsUnavailable(refused.status()));
  EXPECT_FALSE(RefusalOf(refused.status()).has_value());
  EXPECT_TRUE(Eventually([&] { return pool.pending() == 0; }));
  Client gone = Connected(WithoutSidecar());
  Pool without = gone.pool("postgres");
  EXPECT_TRUE(RefusalOf(Connection::Open(without, "").status()).has_value());
}

}  // namespace
}  // namespace outrigger::client::libpq
