#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

#include "absl/synchronization/notification.h"
#include "hang.h"
#include "pool/refusals.h"
#include "support.h"

namespace outrigger::client {
namespace {

TEST(RefusalTest, IsToldInAStatus) {
  const absl::Status status =
      internal::ToStatus({.reason = RefusalReason::kLearning,
                          .advice = Advice::kFallBack,
                          .retry_after = absl::Seconds(2),
                          .source = Source::kFallback});
  const Refusal refusal = *RefusalOf(status);
  EXPECT_EQ(refusal.reason, RefusalReason::kLearning);
  EXPECT_EQ(refusal.advice, Advice::kFallBack);
  EXPECT_EQ(refusal.retry_after, absl::Seconds(2));
  EXPECT_EQ(refusal.source, Source::kFallback);
  EXPECT_FALSE(RefusalOf(absl::OkStatus()).has_value());
}

TEST(PoolTest, NeverMoreLeasesThanSlots) {
  Client client = Connected();
  Pool pool = client.pool("capped");
  std::atomic<int> held{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 20; ++j) {
        const auto lease = pool.Acquire({.max_wait = absl::Seconds(10)});
        ASSERT_TRUE(lease.ok()) << lease.status();
        EXPECT_LE(++held, 4);
        EXPECT_FALSE(lease->lost());
        EXPECT_GT(lease->fencing_token(), 0u);
        --held;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(Eventually([&] { return pool.pending() == 0; }));
}

TEST(PoolTest, WhenNoneIsFreeTheAnswerSaysSo) {
  Client client = Connected();
  Pool pool = client.pool("orders");
  const auto replica = pool.Acquire({.role = Role::kReplica});
  EXPECT_EQ(RefusalOf(replica.status())->reason, RefusalReason::kNoEndpoint);
  const auto one = pool.Acquire();
  const auto two = pool.Acquire();
  EXPECT_EQ(one->endpoint(), "127.0.0.1:5001");
  const auto none = pool.Acquire({.max_wait = absl::ZeroDuration()});
  const Refusal refusal = *RefusalOf(none.status());
  EXPECT_EQ(refusal.reason, RefusalReason::kTimeout);
  EXPECT_EQ(refusal.source, Source::kSidecar);
}

TEST(PoolTest, ALeaseEndsWithItsScopeOnEveryPath) {
  Client client = Connected();
  Pool pool = client.pool("orders");
  for (int i = 0; i < 5; ++i) {
    try {
      auto lease = pool.Acquire();
      ASSERT_TRUE(lease.ok()) << lease.status();
      Lease moved = *std::move(lease);
      auto other = pool.Acquire();
      moved = *std::move(other);
      throw std::runtime_error("boom");
    } catch (const std::runtime_error&) {
    }
  }
  EXPECT_TRUE(Eventually([&] { return pool.pending() == 0; }));
}

TEST(PoolTest, ALeaseMayBeReleasedTwiceAndOutliveItsClient) {
  std::optional<Lease> kept;
  absl::Notification told;
  {
    Client client = Connected();
    auto lease = client.pool("wide").Acquire();
    ASSERT_TRUE(lease.ok());
    lease->Release(Result::kFailure);
    lease->Release(Result::kSuccess);
    kept = *client.pool("wide").Acquire();
    kept->OnLost([&] { told.Notify(); });
  }
  told.WaitForNotification();
  EXPECT_TRUE(kept->lost());
  bool at_once = false;
  kept->OnLost([&] { at_once = true; });
  EXPECT_TRUE(at_once);
}

TEST(PoolTest, AcquiresWithoutBlocking) {
  Client client = Connected();
  Pool pool = client.pool("wide");
  absl::Notification done;
  pool.AcquireAsync({}, [&](absl::StatusOr<Lease> lease) {
    EXPECT_TRUE(lease.ok()) << lease.status();
    done.Notify();
  });
  done.WaitForNotification();
  absl::Notification refused;
  client.pool("nobody").AcquireAsync({}, [&](absl::StatusOr<Lease> lease) {
    EXPECT_TRUE(absl::IsNotFound(lease.status()));
    refused.Notify();
  });
  refused.WaitForNotification();
}

// Those whom the tests before have left may have the slots for a moment.
absl::StatusOr<Lease> AcquiredInTheEnd(Pool& pool) {
  absl::StatusOr<Lease> lease;
  Eventually([&] {
    lease = pool.Acquire();
    return lease.ok();
  });
  return lease;
}

TEST(PoolTest, WhatCannotBeRenewedInTimeIsLostAndItsHolderIsTold) {
  Options options = Patient();
  options.timeout = absl::Milliseconds(200);
  Client client = Connected(options);
  Pool pool = client.pool("brief");
  absl::StatusOr<Lease> lease = AcquiredInTheEnd(pool);
  ASSERT_TRUE(lease.ok()) << lease.status();
  absl::Notification told;
  lease->OnLost([&] { told.Notify(); });
  {
    Hang hang;
    told.WaitForNotification();
    EXPECT_TRUE(lease->lost());
    const auto late = pool.Acquire({.max_wait = absl::ZeroDuration()});
    EXPECT_EQ(RefusalOf(late.status())->source, Source::kFallback);
  }
  lease->Release(Result::kIgnored);
  // What came too late was given back: both slots can be had.
  EXPECT_TRUE(Eventually([&] {
    const auto one = pool.Acquire();
    const auto two = pool.Acquire();
    return one.ok() && two.ok();
  }));
  EXPECT_TRUE(Eventually([&] { return pool.pending() == 0; }));
}

TEST(PoolTest, WhoHoldsALeaseIsToldInTimeWhileARenewalHangs) {
  Options options = Patient();
  options.timeout = absl::Hours(1);
  Client client = Connected(options);
  Pool pool = client.pool("brief");
  absl::StatusOr<Lease> lease = AcquiredInTheEnd(pool);
  ASSERT_TRUE(lease.ok()) << lease.status();
  Hang hang;
  EXPECT_TRUE(Eventually([&] { return lease->lost(); }));
}

TEST(PoolTest, WhatCannotBeSentCostsNobodysLease) {
  Client client = Connected();
  Pool pool = client.pool("wide");
  auto lease = pool.Acquire();
  ASSERT_TRUE(lease.ok()) << lease.status();
  std::vector<absl::Status> mistakes = {
      client.pool("\xff").Acquire().status(),
      pool.Acquire({.session_key = "\xff"}).status(),
      pool.Acquire({.avoid = {"\xff"}}).status(),
      pool.Acquire({.session_key = std::string(10 << 20, 'a')}).status()};
  for (const absl::Status& mistake : mistakes) {
    EXPECT_TRUE(absl::IsInvalidArgument(mistake)) << mistake;
  }
  EXPECT_TRUE(pool.Acquire().ok());
  EXPECT_FALSE(lease->lost());
}

TEST(PoolTest, ASharedFallbackHasItsOwnCap) {
  Options options = WithoutSidecar();
  options.pool = {.on_unavailable = PoolPolicy::OnUnavailable::kShare,
                  .share = 2,
                  .endpoint = "127.0.0.1:6001"};
  Client client = Connected(options);
  Pool pool = client.pool("orders");
  {
    const auto one = pool.Acquire();
    const auto two = pool.Acquire();
    EXPECT_EQ(one->endpoint(), "127.0.0.1:6001");
    EXPECT_EQ(two->source(), Source::kFallback);
    EXPECT_EQ(RefusalOf(pool.Acquire().status())->reason,
              RefusalReason::kStoreUnavailable);
    EXPECT_TRUE(client.pool("another").Acquire().ok());
  }
  EXPECT_TRUE(pool.Acquire().ok());
}

}  // namespace
}  // namespace outrigger::client
