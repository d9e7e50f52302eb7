// What every store::CacheStore promises of leases: who loads, and whose load
// counts.
#ifndef OUTRIGGER_TESTS_STORE_CACHE_LEASES_SUITE_H_
#define OUTRIGGER_TESTS_STORE_CACHE_LEASES_SUITE_H_

#include <functional>
#include <vector>

#include "store/cache_store_testing.h"

namespace outrigger::store {

using Kind = AcquireReply::Kind;

TEST_P(CacheStoreSuite, OneOfThoseWhoAskLoads) {
  const auto first = call_.Acquire(key_, 1);
  ASSERT_EQ(first.status(), absl::OkStatus());
  EXPECT_EQ(first->kind, Kind::kLease);
  EXPECT_EQ(first->record, "");
  EXPECT_EQ(first->token.nonce, 1u);
  const auto second = call_.Acquire(key_, 2);
  ASSERT_EQ(second.status(), absl::OkStatus());
  EXPECT_EQ(second->kind, Kind::kWait);
  EXPECT_GT(second->wait_us, 0);
  EXPECT_LE(second->wait_us, 60'000'000);
  EXPECT_TRUE(Commits(key_, first->token));
  const auto third = call_.Acquire(key_, 3);
  ASSERT_EQ(third.status(), absl::OkStatus());
  EXPECT_EQ(third->kind, Kind::kValue);
  EXPECT_EQ(cache::DecodeRecord(third->record)->value, "loaded");
  EXPECT_GT(cache::DecodeRecord(third->record)->version, first->token.version);
}

TEST_P(CacheStoreSuite, ARepeatedAskerGetsItsLeaseAgain) {
  const CacheToken token = Lease(key_, 7);
  EXPECT_EQ(Lease(key_, 7), token);
  EXPECT_EQ(call_.Acquire(key_, 8)->kind, Kind::kWait);
}

TEST_P(CacheStoreSuite, ALapsedLeaseIsGivenToAnother) {
  const CacheToken late = Lease(key_, 1, /*lease_us=*/1);
  CacheToken next;
  ASSERT_TRUE(Comes([&] {
    const auto reply = call_.Acquire(key_, 2);
    if (reply.ok()) next = reply->token;
    return reply.ok() && reply->kind == Kind::kLease;
  }));
  EXPECT_GT(next.version, late.version);
  EXPECT_FALSE(Commits(key_, late));
  EXPECT_TRUE(Commits(key_, next));
}

TEST_P(CacheStoreSuite, ALateLoaderMayStoreIfNobodyElseHasBegun) {
  const CacheToken late = Lease(key_, 1, /*lease_us=*/1000);
  under_test_->Tick();
  EXPECT_TRUE(Commits(key_, late));
  EXPECT_FALSE(Commits(key_, late));
}

TEST_P(CacheStoreSuite, ATokenIsWorthNothingOnceTheKeyHasChanged) {
  const std::vector<std::function<void()>> changes = {
      [&] { ASSERT_TRUE(call_.Write(key_, "newer").ok()); },
      [&] { ASSERT_TRUE(call_.Remove(key_).ok()); },
      [&] { ASSERT_TRUE(call_.Remove(key_, /*soft=*/true).ok()); }};
  uint64_t nonce = 0;
  for (const auto& change : changes) {
    ASSERT_TRUE(call_.Remove(key_).ok());
    const CacheToken token = Lease(key_, ++nonce);
    change();
    EXPECT_FALSE(Commits(key_, token));
    EXPECT_NE(Stored(key_).value, "loaded");
  }
  ASSERT_TRUE(call_.Remove(key_).ok());
  const CacheToken given_up = Lease(key_, ++nonce);
  EXPECT_EQ(call_.Abandon(key_, given_up), absl::OkStatus());
  EXPECT_FALSE(Commits(key_, given_up));
}

TEST_P(CacheStoreSuite, ATokenOfAnotherIsNone) {
  const CacheToken token = Lease(key_, 5);
  EXPECT_FALSE(Commits(key_, {token.version, 6}));
  EXPECT_FALSE(Commits(key_, {token.version + 1, 5}));
  EXPECT_FALSE(Commits(key_, {token.version, 0}));
  EXPECT_EQ(call_.Abandon(key_, {token.version, 6}), absl::OkStatus());
  EXPECT_TRUE(Commits(key_, token));
  EXPECT_EQ(call_.Abandon({"profiles", "other"}, token), absl::OkStatus());
}

TEST_P(CacheStoreSuite, WhenALoaderGivesUpAnotherLoads) {
  ASSERT_TRUE(Comes([&] { return heard_.verified(); }));
  const CacheToken first = Lease(key_, 1);
  ASSERT_EQ(call_.Acquire(key_, 2)->kind, Kind::kWait);
  heard_.Clear();
  EXPECT_EQ(call_.Abandon(key_, first), absl::OkStatus());
  EXPECT_TRUE(Comes([&] { return heard_.Changed(key_); }));
  EXPECT_GT(Lease(key_, 2).version, first.version);
}

TEST_P(CacheStoreSuite, GivingUpLeavesTheStaleValue) {
  ASSERT_TRUE(Comes([&] { return heard_.verified(); }));
  ASSERT_TRUE(call_.Write(key_, "stale").ok());
  ASSERT_TRUE(*call_.Remove(key_, /*soft=*/true));
  const CacheToken token = Lease(key_, 1);
  heard_.Clear();
  EXPECT_EQ(call_.Abandon(key_, token), absl::OkStatus());
  EXPECT_TRUE(Comes([&] { return heard_.Changed(key_); }));
  EXPECT_EQ(Stored(key_).value, "stale");
}

TEST_P(CacheStoreSuite, AStaleValueIsHandedToLoadersAndWaiters) {
  ASSERT_TRUE(call_.Write(key_, "stale").ok());
  ASSERT_TRUE(*call_.Remove(key_, /*soft=*/true));
  for (const uint64_t nonce : {1, 2}) {
    const auto reply = call_.Acquire(key_, nonce);
    ASSERT_EQ(reply.status(), absl::OkStatus());
    EXPECT_EQ(reply->kind, nonce == 1 ? Kind::kLease : Kind::kWait);
    EXPECT_EQ(cache::DecodeRecord(reply->record)->value, "stale");
  }
}

TEST_P(CacheStoreSuite, AnAskerMayWantSomethingNewer) {
  const auto written = call_.Write(key_, "value");
  ASSERT_TRUE(written.ok());
  const int64_t lease_us = 60'000'000;
  EXPECT_EQ(call_.Acquire(key_, 1, lease_us, written->version - 1)->kind,
            Kind::kValue);
  EXPECT_EQ(call_.Acquire(key_, 2, lease_us, written->version)->kind,
            Kind::kLease);
  EXPECT_EQ(call_.Acquire(key_, 3, lease_us, ~uint64_t{0})->kind, Kind::kWait);
}

TEST_P(CacheStoreSuite, ATokenSaysHowLongLoadingTook) {
  ASSERT_TRUE(call_.Write(key_, "value").ok());
  EXPECT_EQ(Stored(key_).load_ms, 0u);
  ASSERT_TRUE(call_.Remove(key_).ok());
  const CacheToken token = Lease(key_, 1);
  const auto begun_ms = static_cast<int64_t>(token.version / 1000);
  ASSERT_TRUE(
      Comes([&] { return under_test_->store().NowMs() > begun_ms + 50; }));
  ASSERT_TRUE(Commits(key_, token));
  EXPECT_GE(Stored(key_).load_ms, 20u);
  EXPECT_LT(Stored(key_).load_ms, 60'000u);
}

}  // namespace outrigger::store

#endif  // OUTRIGGER_TESTS_STORE_CACHE_LEASES_SUITE_H_
