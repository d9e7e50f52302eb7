// A pod's pools: slots, waiting, leases, sessions, and what happens without the
// store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "coord/pool/pools.h"
#include "tests/support/pool_fleet.h"

namespace outrigger {
namespace {

using coord::SlotAdvice;
using coord::SlotReason;
using pool::Outcome;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kNoWait{};

pool::PoolOptions Db(int64_t max_connections) {
  pool::PoolOptions options;
  options.name = "db";
  options.max_connections = max_connections;
  options.acquire_timeout = seconds(5);
  options.lease = seconds(30);
  return options;
}

TEST(Pools, GiveUpToTheCapAndThenSayWhenToComeBack) {
  PoolFleet fleet(1, {Db(3)});
  std::set<uint64_t> ids;
  uint64_t token = 0;
  for (int i = 0; i < 3; ++i) {
    const auto asked = fleet.Ask(0, kNoWait);
    ASSERT_TRUE(asked->acquired()) << i;
    ids.insert((**asked).lease_id);
    EXPECT_GT((**asked).fencing_token, token);
    token = (**asked).fencing_token;
    EXPECT_GT((**asked).expires_after, seconds(20));
    EXPECT_LE((**asked).expires_after, seconds(30));
    EXPECT_EQ((**asked).endpoint, nullptr) << "the pool only caps";
  }
  EXPECT_EQ(ids.size(), 3u);
  const auto denied = fleet.Ask(0, kNoWait);
  ASSERT_TRUE(denied->answered());
  EXPECT_FALSE((**denied).acquired);
  EXPECT_EQ((**denied).reason, SlotReason::kTimeout);
  EXPECT_EQ((**denied).advice, SlotAdvice::kRetry);
  EXPECT_GT((**denied).retry_after, Duration(0));
  EXPECT_FALSE((**denied).degraded);
}

TEST(Pools, ListenToTheStoreFromTheFirstPoolOn) {
  PoolFleet fleet(1, {});
  EXPECT_FALSE(fleet.pods[0]->link.listened());
  fleet.pods[0]->pools.Update({Db(1)});
  EXPECT_TRUE(fleet.pods[0]->link.listened());
  EXPECT_TRUE(fleet.Ask(0, kNoWait)->acquired());
}

TEST(Pools, TellToFallBackAfterTheLastAttempt) {
  pool::PoolOptions options = Db(1);
  options.retry_attempts = 2;
  PoolFleet fleet(1, {options});
  ASSERT_TRUE(fleet.Ask(0, kNoWait)->acquired());
  coord::SlotQuery query;
  query.pool = "db";
  query.max_wait = kNoWait;
  query.attempt = 1;
  EXPECT_EQ((**fleet.Ask(0, query)).advice, SlotAdvice::kRetry);
  query.attempt = 2;
  EXPECT_EQ((**fleet.Ask(0, query)).advice, SlotAdvice::kFallBack);
}

TEST(Pools, ServeWaitersInTheOrderTheyCame) {
  PoolFleet fleet(1, {Db(1)});
  const auto first = fleet.Ask(0, seconds(5));
  const auto second = fleet.Ask(0, seconds(5));
  const auto third = fleet.Ask(0, seconds(5));
  ASSERT_TRUE(first->acquired());
  fleet.executor.Advance(seconds(1));
  EXPECT_FALSE(second->answered());
  EXPECT_TRUE(fleet.Release(0, *first));
  ASSERT_TRUE(second->acquired());
  EXPECT_EQ((**second).waited, seconds(1));
  EXPECT_FALSE(third->answered());
  EXPECT_TRUE(fleet.Release(0, *second));
  EXPECT_TRUE(third->acquired());
}

TEST(Pools, LetNobodyOvertakeThoseWhoWait) {
  PoolFleet fleet(1, {Db(1)});
  const auto first = fleet.Ask(0, seconds(5));
  const auto waits = fleet.Ask(0, seconds(5));
  const auto barges = fleet.Ask(0, kNoWait);
  EXPECT_FALSE((**barges).acquired);
  fleet.Release(0, *first);
  EXPECT_TRUE(waits->acquired());
}

TEST(Pools, EndAWaitAtItsTime) {
  PoolFleet fleet(1, {Db(1)});
  ASSERT_TRUE(fleet.Ask(0, kNoWait)->acquired());
  const auto waits = fleet.Ask(0, milliseconds(700));
  fleet.executor.Advance(milliseconds(699));
  EXPECT_FALSE(waits->answered());
  fleet.executor.Advance(milliseconds(1));
  ASSERT_TRUE(waits->answered());
  EXPECT_FALSE((**waits).acquired);
  EXPECT_EQ((**waits).reason, SlotReason::kTimeout);
  EXPECT_EQ((**waits).waited, milliseconds(700));
  EXPECT_EQ(fleet.View(0).timeouts, 1u);
  EXPECT_EQ(fleet.View(0).waiting, 0u);
}

TEST(Pools, WaitForAcquireTimeoutUnlessTold) {
  PoolFleet fleet(1, {Db(1)});
  ASSERT_TRUE(fleet.Ask(0, kNoWait)->acquired());
  coord::SlotQuery query;
  query.pool = "db";
  const auto waits = fleet.Ask(0, query);
  fleet.executor.Advance(seconds(5) - milliseconds(1));
  EXPECT_FALSE(waits->answered());
  fleet.executor.Advance(milliseconds(1));
  EXPECT_TRUE(waits->answered());
}

TEST(Pools, CancelOneWhoWaits) {
  PoolFleet fleet(1, {Db(1)});
  const auto first = fleet.Ask(0, kNoWait);
  const auto gone = fleet.Ask(0, seconds(5));
  const auto next = fleet.Ask(0, seconds(5));
  fleet.pods[0]->pools.Cancel(gone->ticket);
  ASSERT_TRUE(gone->answered());
  EXPECT_EQ(gone->answer->status().code(), absl::StatusCode::kCancelled);
  fleet.Release(0, *first);
  EXPECT_TRUE(next->acquired());
  fleet.pods[0]->pools.Cancel(next->ticket);  // does nothing any more
  EXPECT_EQ(fleet.View(0).in_use, 1u);
}

TEST(Pools, RefuseMoreWaitersThanTheirBound) {
  pool::PoolOptions options = Db(1);
  options.max_waiting = 2;
  PoolFleet fleet(1, {options});
  ASSERT_TRUE(fleet.Ask(0, kNoWait)->acquired());
  const auto a = fleet.Ask(0, seconds(5)), b = fleet.Ask(0, seconds(5));
  const auto c = fleet.Ask(0, seconds(5));
  EXPECT_FALSE(a->answered() || b->answered());
  ASSERT_TRUE(c->answered());
  EXPECT_EQ((**c).reason, SlotReason::kQueueFull);
}

TEST(Pools, ReleaseOnceOnly) {
  PoolFleet fleet(1, {Db(1)});
  const auto asked = fleet.Ask(0, kNoWait);
  EXPECT_TRUE(fleet.Release(0, *asked));
  EXPECT_FALSE(fleet.Release(0, *asked));
  const auto again = fleet.Ask(0, kNoWait);
  ASSERT_TRUE(again->acquired());
  EXPECT_FALSE(fleet.Release(0, *asked)) << "of the lease before";
  EXPECT_EQ(fleet.View(0).in_use, 1u);
}

TEST(Pools, FreeALeaseThatIsNotRenewed) {
  PoolFleet fleet(1, {Db(1)});
  const auto asked = fleet.Ask(0, kNoWait);
  fleet.executor.Advance((**asked).expires_after - milliseconds(1));
  EXPECT_EQ(fleet.View(0).in_use, 1u);
  fleet.executor.Advance(milliseconds(1));
  EXPECT_EQ(fleet.View(0).in_use, 0u);
  EXPECT_EQ(fleet.View(0).expired, 1u);
  EXPECT_FALSE(fleet.Release(0, *asked));
  EXPECT_EQ(fleet.pods[0]->pools.Renew((**asked).lease_id).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_TRUE(fleet.Ask(0, kNoWait)->acquired());
}

TEST(Pools, HoldALeaseThatIsRenewed) {
  PoolFleet fleet(1, {Db(1)});
  const auto asked = fleet.Ask(0, kNoWait);
  for (int i = 0; i < 20; ++i) {
    fleet.executor.Advance(seconds(15));
    const auto renewed = fleet.pods[0]->pools.Renew((**asked).lease_id);
    ASSERT_TRUE(renewed.ok()) << i;
    EXPECT_GT(*renewed, seconds(15));
    EXPECT_LE(*renewed, seconds(30));
  }
  EXPECT_EQ(fleet.View(0).in_use, 1u);
}

TEST(Pools, ReportALeakWithItsTrace) {
  pool::PoolOptions options = Db(2);
  options.leak_after = minutes(1);
  PoolFleet fleet(1, {options});
  coord::SlotQuery query;
  query.pool = "db";
  query.trace_id = {0xab, 0xcd};
  const auto session =
      *fleet.pods[0]->pools.OpenSession([](uint64_t lease_id) {});
  query.session = session;
  ASSERT_TRUE(fleet.Ask(0, query)->acquired());
  fleet.executor.Advance(seconds(59));
  EXPECT_EQ(fleet.View(0).leaks, 0u);
  fleet.executor.Advance(seconds(2));
  EXPECT_EQ(fleet.View(0).leaks, 1u);
  fleet.executor.Advance(minutes(10));
  EXPECT_EQ(fleet.View(0).leaks, 1u) << "each is reported once";
  ASSERT_EQ(fleet.View(0).longest_held.size(), 1u);
  EXPECT_EQ(fleet.View(0).longest_held[0].trace_id, query.trace_id);
}

TEST(PoolSessions, HoldWithoutRenewalUntilTheyClose) {
  PoolFleet fleet(1, {Db(2)});
  coord::Pools& pools = fleet.pods[0]->pools;
  const auto session = *pools.OpenSession([](uint64_t lease_id) { FAIL(); });
  coord::SlotQuery query;
  query.pool = "db";
  query.session = session;
  ASSERT_TRUE(fleet.Ask(0, query)->acquired());
  ASSERT_TRUE(fleet.Ask(0, query)->acquired());
  const auto waits = fleet.Ask(0, query);
  fleet.executor.Advance(seconds(3));
  EXPECT_FALSE(waits->answered());
  fleet.executor.Advance(minutes(5));
  EXPECT_EQ(fleet.View(0).in_use, 2u);
  const auto last = fleet.Ask(0, query);
  pools.CloseSession(session);
  EXPECT_EQ(fleet.View(0).in_use, 0u) << "a dead application's slots are free";
  ASSERT_TRUE(last->answered());
  EXPECT_EQ(last->answer->status().code(), absl::StatusCode::kCancelled);
  EXPECT_FALSE(fleet.Ask(0, query)->acquired()) << "it has closed";
  EXPECT_EQ(fleet.View(0).in_use, 0u);
}

TEST(PoolSessions, ReleaseOnlyTheirOwn) {
  PoolFleet fleet(1, {Db(2)});
  coord::Pools& pools = fleet.pods[0]->pools;
  const auto mine = *pools.OpenSession([](uint64_t) {});
  const auto asked = fleet.Ask(0, kNoWait);
  EXPECT_FALSE(pools.Release((**asked).lease_id, Outcome::kSuccess, mine));
  EXPECT_TRUE(fleet.Release(0, *asked));
}

TEST(PoolSessions, AreBounded) {
  PoolFleet fleet(1, {Db(2)});
  coord::Pools& pools = fleet.pods[0]->pools;
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(pools.OpenSession([](uint64_t) {}).ok());
  EXPECT_EQ(pools.OpenSession([](uint64_t) {}).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(PoolOverflow, IsMarkedAndNotKept) {
  pool::PoolOptions options = Db(2);
  options.max_overflow = 1;
  PoolFleet fleet(1, {options});
  const auto a = fleet.Ask(0, kNoWait), b = fleet.Ask(0, kNoWait),
             c = fleet.Ask(0, kNoWait);
  ASSERT_TRUE(c->acquired());
  EXPECT_FALSE((**a).overflow || (**b).overflow);
  EXPECT_TRUE((**c).overflow);
  EXPECT_FALSE(fleet.Ask(0, kNoWait)->acquired());
  fleet.Release(0, *a);
  fleet.Release(0, *b);
  fleet.Release(0, *c);
  fleet.executor.Advance(seconds(11));
  EXPECT_LE(fleet.View(0).slots, 2u);
}

TEST(PoolErrors, NameTheFieldOrThePool) {
  PoolFleet fleet(1, {Db(1)});
  const auto unknown = fleet.Ask(0, kNoWait, "nope");
  EXPECT_EQ(unknown->answer->status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(unknown->answer->status().message()),
              testing::HasSubstr("nope"));
  coord::SlotQuery query;
  query.pool = "db";
  const std::string longer(1025, 'k');
  query.session_key = longer;
  EXPECT_EQ(fleet.Ask(0, query)->answer->status().code(),
            absl::StatusCode::kInvalidArgument);
  query.session_key = "";
  query.role = pool::Role::kShard;
  EXPECT_EQ(fleet.Ask(0, query)->answer->status().code(),
            absl::StatusCode::kInvalidArgument);
  query.role = pool::Role::kAny;
  query.max_wait = std::chrono::hours(2);
  EXPECT_EQ(fleet.Ask(0, query)->answer->status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(PoolEndpoints, AreGivenWithTheSlotAndSaidToBeMissing) {
  pool::PoolOptions options = Db(4);
  options.endpoints = {
      {.address = "10.0.0.1:5432", .role = pool::Role::kPrimary},
      {.address = "10.0.0.2:5432", .role = pool::Role::kReplica}};
  options.health.check = pool::Check::kTcp;
  options.health.panic = 0;
  PoolFleet fleet(1, {options});
  coord::SlotQuery query;
  query.pool = "db";
  query.role = pool::Role::kReplica;
  const auto asked = fleet.Ask(0, query);
  ASSERT_TRUE(asked->acquired());
  ASSERT_NE((**asked).endpoint, nullptr);
  EXPECT_EQ((**asked).endpoint->address, "10.0.0.2:5432");
  fleet.pods[0]->pools.OnCheck("db", "10.0.0.2:5432", false, "refused");
  const auto none = fleet.Ask(0, query);
  ASSERT_TRUE(none->answered()) << "waiting would be no use";
  EXPECT_EQ((**none).reason, SlotReason::kNoEndpoint);
  EXPECT_GT((**none).retry_after, Duration(0));
  EXPECT_EQ((*fleet.pods[0]->pools.Pick(query)).reason,
            SlotReason::kNoEndpoint);
  query.role = pool::Role::kPrimary;
  EXPECT_TRUE(fleet.Ask(0, query)->acquired());
  EXPECT_EQ((*fleet.pods[0]->pools.Pick(query)).endpoint->address,
            "10.0.0.1:5432");
}

TEST(PoolUpdates, ShrinkAsSlotsAreReleasedAndGrowAtOnce) {
  PoolFleet fleet(1, {Db(4)});
  std::vector<std::shared_ptr<PoolAsked>> held;
  for (int i = 0; i < 4; ++i) held.push_back(fleet.Ask(0, kNoWait));
  fleet.pods[0]->pools.Update({Db(2)});
  EXPECT_EQ(fleet.View(0).in_use, 4u) << "nobody is cut off";
  fleet.Release(0, *held[0]);
  fleet.Release(0, *held[1]);
  EXPECT_FALSE(fleet.Ask(0, kNoWait)->acquired());
  fleet.Release(0, *held[2]);
  fleet.executor.Advance(milliseconds(100));
  EXPECT_TRUE(fleet.Ask(0, kNoWait)->acquired());
  fleet.executor.Advance(milliseconds(100));
  EXPECT_FALSE(fleet.Ask(0, kNoWait)->acquired());
  fleet.pods[0]->pools.Update({Db(5)});
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(fleet.Ask(0, kNoWait)->acquired()) << i;
}

TEST(PoolUpdates, ARemovedPoolsLeasesCanBeReleased) {
  PoolFleet fleet(1, {Db(4)});
  const auto held = fleet.Ask(0, kNoWait);
  fleet.pods[0]->pools.Update({});
  EXPECT_EQ(fleet.Ask(0, kNoWait)->answer->status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_TRUE(fleet.Release(0, *held));
  fleet.pods[0]->pools.Update({Db(1)});
  EXPECT_TRUE(fleet.Ask(0, kNoWait)->acquired());
}

}  // namespace
}  // namespace outrigger
