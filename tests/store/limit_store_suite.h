// What every store::LimitStore promises, as tests.
//
// A store's test instantiates the suite with what makes one:
//
//     INSTANTIATE_TEST_SUITE_P(Memory, LimitStoreSuite,
//                              ::testing::Values([] { return …; }));
//
// Buckets refill so slowly that time plays no part, except in the tests that
// wait for something to become true.
#ifndef OUTRIGGER_TESTS_STORE_LIMIT_STORE_SUITE_H_
#define OUTRIGGER_TESTS_STORE_LIMIT_STORE_SUITE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/limit_store.h"
#include "support/await.h"
#include "support/wait_for.h"

namespace outrigger::store {

// A store for one test, with whatever it needs to live.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual LimitStore& store() = 0;
  // Lets a little of the store's time pass; nothing where it passes by itself.
  virtual void Tick() = 0;
};

using MakeStore = std::function<std::unique_ptr<StoreUnderTest>()>;

inline constexpr int64_t kHourUs = 3'600'000'000;
inline constexpr int64_t kYearUs = 366 * 24 * kHourUs;

class LimitStoreSuite : public ::testing::TestWithParam<MakeStore> {
 protected:
  static BucketRef Bucket(
      const std::string& key, double burst, int64_t period_us = kYearUs,
      limit::Algorithm algorithm = limit::Algorithm::kTokenBucket) {
    BucketRef bucket;
    bucket.key = key + std::string(limit::AlgorithmName(algorithm));
    bucket.shape.algorithm = algorithm;
    bucket.shape.tokens = bucket.shape.burst = burst;
    bucket.shape.period_us = period_us;
    return bucket;
  }

  static TakeRequest::Item Item(const BucketRef& bucket, double cost,
                                bool shadow = false) {
    TakeRequest::Item item;
    item.bucket = bucket;
    item.cost = cost;
    item.shadow = shadow;
    return item;
  }

  TakeReply Take(std::vector<TakeRequest::Item> items,
                 int64_t max_wait_us = 0) {
    TakeRequest request;
    request.items = std::move(items);
    request.max_wait_us = max_wait_us;
    auto reply = Await<absl::StatusOr<TakeReply>>(
        [&](auto done) { store().Take(std::move(request), std::move(done)); });
    EXPECT_EQ(reply.status(), absl::OkStatus());
    if (!reply.ok()) return TakeReply{false, {limit::Verdict()}};
    return *std::move(reply);
  }

  limit::Verdict TakeOne(const BucketRef& bucket, double cost,
                         int64_t max_wait_us = 0) {
    return Take({Item(bucket, cost)}, max_wait_us).verdicts[0];
  }

  LeaseReply Lease(const BucketRef& bucket, double want, double min,
                   std::vector<LeaseAccount> accounts = {}) {
    LeaseRequest request;
    request.bucket = bucket;
    request.want = want;
    request.min = min;
    request.accounts = std::move(accounts);
    auto reply = Await<absl::StatusOr<LeaseReply>>(
        [&](auto done) { store().Lease(std::move(request), std::move(done)); });
    EXPECT_EQ(reply.status(), absl::OkStatus());
    return reply.ok() ? *reply : LeaseReply();
  }

  void Refund(const BucketRef& bucket, double cost) {
    EXPECT_EQ(Await<absl::Status>([&](auto done) {
                store().Refund(bucket, cost, std::move(done));
              }),
              absl::OkStatus());
  }

  double Adjust(const BucketRef& bucket, bool up) {
    const auto rate = Await<absl::StatusOr<double>>([&](auto done) {
      store().Adjust({bucket, up}, std::move(done));
    });
    EXPECT_EQ(rate.status(), absl::OkStatus());
    return rate.ok() ? *rate : 0;
  }

  uint32_t Heartbeat(const std::string& pod) {
    const auto pods = Await<absl::StatusOr<uint32_t>>(
        [&](auto done) { store().Heartbeat(pod, std::move(done)); });
    EXPECT_EQ(pods.status(), absl::OkStatus());
    return pods.ok() ? *pods : 0;
  }

  // Lets time pass until it holds.
  bool Eventually(const std::function<bool()>& condition) {
    return WaitFor([&] {
      under_test_->Tick();
      return condition();
    });
  }

  LimitStore& store() { return under_test_->store(); }

  const std::unique_ptr<StoreUnderTest> under_test_ = GetParam()();
};

TEST_P(LimitStoreSuite, ABucketGivesItsBurstAndNoMore) {
  const BucketRef bucket = Bucket("k", 10);
  for (int left = 9; left >= 0; --left) {
    const limit::Verdict verdict = TakeOne(bucket, 1);
    EXPECT_TRUE(verdict.allowed);
    EXPECT_EQ(verdict.remaining, left);
    EXPECT_EQ(verdict.wait_us, 0);
  }
  const limit::Verdict denied = TakeOne(bucket, 1);
  EXPECT_FALSE(denied.allowed);
  EXPECT_EQ(denied.remaining, 0);
  EXPECT_GT(denied.retry_after_us, kYearUs / 11);
  EXPECT_LE(denied.retry_after_us, kYearUs / 10);
}

TEST_P(LimitStoreSuite, ADenialTakesNothingFromAnyBucket) {
  const BucketRef small = Bucket("small", 1), big = Bucket("big", 10);
  EXPECT_TRUE(Take({Item(small, 1), Item(big, 1)}).allowed);
  const TakeReply denied = Take({Item(big, 4), Item(small, 1)});
  EXPECT_FALSE(denied.allowed);
  EXPECT_TRUE(denied.verdicts[0].allowed);
  EXPECT_FALSE(denied.verdicts[1].allowed);
  EXPECT_EQ(denied.verdicts[0].remaining, 9);
  EXPECT_EQ(TakeOne(big, 9).remaining, 0);
}

TEST_P(LimitStoreSuite, AShadowDeniesNobody) {
  const BucketRef shadow = Bucket("shadow", 1), real = Bucket("real", 10);
  EXPECT_TRUE(Take({Item(shadow, 1, true), Item(real, 1)}).allowed);
  const TakeReply reply = Take({Item(shadow, 1, true), Item(real, 1)});
  EXPECT_TRUE(reply.allowed);
  EXPECT_FALSE(reply.verdicts[0].allowed);
  EXPECT_EQ(reply.verdicts[1].remaining, 8);
}

TEST_P(LimitStoreSuite, AShadowAloneIsAllowed) {
  const BucketRef bucket = Bucket("k", 1);
  EXPECT_TRUE(Take({Item(bucket, 1, true)}).allowed);
  const TakeReply reply = Take({Item(bucket, 1, true)});
  EXPECT_TRUE(reply.allowed);
  EXPECT_FALSE(reply.verdicts[0].allowed);
}

TEST_P(LimitStoreSuite, APeekTakesNothing) {
  for (const auto algorithm :
       {limit::Algorithm::kTokenBucket, limit::Algorithm::kFixedWindow,
        limit::Algorithm::kSlidingWindow}) {
    const BucketRef bucket = Bucket("k", 2, kYearUs, algorithm);
    EXPECT_TRUE(TakeOne(bucket, 0).allowed);
    EXPECT_TRUE(TakeOne(bucket, 2).allowed);
    EXPECT_FALSE(TakeOne(bucket, 0).allowed);
  }
}

TEST_P(LimitStoreSuite, MoreThanTheBurstNeverPasses) {
  for (const auto algorithm :
       {limit::Algorithm::kTokenBucket, limit::Algorithm::kFixedWindow,
        limit::Algorithm::kSlidingWindow, limit::Algorithm::kAdaptive}) {
    const BucketRef bucket = Bucket("k", 2, kYearUs, algorithm);
    const limit::Verdict verdict = TakeOne(bucket, 3, kHourUs);
    EXPECT_FALSE(verdict.allowed);
    EXPECT_EQ(verdict.retry_after_us, limit::kNever);
  }
}

TEST_P(LimitStoreSuite, ReservationsAreServedInTurn) {
  const BucketRef bucket = Bucket("k", 2, 2 * kHourUs);
  EXPECT_TRUE(TakeOne(bucket, 2).allowed);
  const limit::Verdict first = TakeOne(bucket, 1, 3 * kHourUs);
  const limit::Verdict second = TakeOne(bucket, 1, 3 * kHourUs);
  EXPECT_TRUE(first.allowed);
  EXPECT_TRUE(second.allowed);
  EXPECT_GT(first.wait_us, kHourUs / 2);
  EXPECT_LE(first.wait_us, kHourUs);
  EXPECT_GT(second.wait_us, first.wait_us);
  EXPECT_LE(second.wait_us, 2 * kHourUs);
  // Too long a wait is a denial, and reserves nothing.
  EXPECT_FALSE(TakeOne(bucket, 2, 3 * kHourUs).allowed);
  EXPECT_TRUE(TakeOne(bucket, 1, 3 * kHourUs).allowed);
}

TEST_P(LimitStoreSuite, AReservationThatIsGivenUpGoesBack) {
  const BucketRef bucket = Bucket("k", 1, kHourUs);
  EXPECT_TRUE(TakeOne(bucket, 1).allowed);
  EXPECT_TRUE(TakeOne(bucket, 1, kHourUs).allowed);
  EXPECT_FALSE(TakeOne(bucket, 1, kHourUs).allowed);
  Refund(bucket, 1);
  EXPECT_TRUE(TakeOne(bucket, 1, kHourUs).allowed);
}

TEST_P(LimitStoreSuite, ARefundGivesBackButNeverMoreThanTheBurst) {
  for (const auto algorithm :
       {limit::Algorithm::kTokenBucket, limit::Algorithm::kFixedWindow,
        limit::Algorithm::kSlidingWindow}) {
    const BucketRef bucket = Bucket("k", 5, kYearUs, algorithm);
    EXPECT_TRUE(TakeOne(bucket, 5).allowed);
    Refund(bucket, 2);
    EXPECT_EQ(TakeOne(bucket, 1).remaining, 1);
    Refund(bucket, 100);
    EXPECT_EQ(TakeOne(bucket, 5).remaining, 0);
    EXPECT_FALSE(TakeOne(bucket, 1).allowed);
  }
}

TEST_P(LimitStoreSuite, TokensComeBack) {
  const BucketRef bucket = Bucket("k", 10, 1'000'000);
  EXPECT_TRUE(TakeOne(bucket, 10).allowed);
  EXPECT_FALSE(TakeOne(bucket, 10).allowed);
  EXPECT_TRUE(Eventually([&] { return TakeOne(bucket, 10).allowed; }));
}

TEST_P(LimitStoreSuite, EachKeyAndAnyBytesAreABucketOfTheirOwn) {
  for (const std::string& key :
       {std::string("a"), std::string("{a}"), std::string("a\0b", 3),
        std::string("\r\n$1\r\n"), std::string(1200, '\xff'), std::string()}) {
    const BucketRef bucket = Bucket(key, 1);
    EXPECT_TRUE(TakeOne(bucket, 1).allowed);
    EXPECT_FALSE(TakeOne(bucket, 1).allowed);
  }
}

TEST_P(LimitStoreSuite, AChangedBurstKeepsWhatIsLeft) {
  EXPECT_EQ(TakeOne(Bucket("k", 10), 4).remaining, 6);
  EXPECT_EQ(TakeOne(Bucket("k", 100), 1).remaining, 5);
  EXPECT_EQ(TakeOne(Bucket("k", 3), 1).remaining, 2);
}

TEST_P(LimitStoreSuite, ALeaseIsNotAvailableToOthers) {
  const BucketRef bucket = Bucket("k", 100);
  const LeaseReply lease = Lease(bucket, 80, 1);
  EXPECT_EQ(lease.granted, 50);  // no more than half
  EXPECT_EQ(lease.available, 50);
  EXPECT_GT(lease.valid_for_us, 0);
  EXPECT_LE(lease.valid_for_us, kLeaseLengthUs);
  EXPECT_EQ(lease.tokens_per_period, 100);
  EXPECT_FALSE(TakeOne(bucket, 51).allowed);
  EXPECT_TRUE(TakeOne(bucket, 50).allowed);
}

TEST_P(LimitStoreSuite, AtLeastTheMinimumIsLentIfItIsThere) {
  const BucketRef bucket = Bucket("k", 10);
  EXPECT_EQ(Lease(bucket, 10, 8).granted, 8);
  const LeaseReply none = Lease(bucket, 10, 3);
  EXPECT_EQ(none.granted, 0);
  EXPECT_EQ(none.available, 2);
  EXPECT_GT(none.retry_after_us, 0);
  EXPECT_EQ(Lease(bucket, 20, 11).retry_after_us, limit::kNever);
}

TEST_P(LimitStoreSuite, WhatIsGivenBackIsCreditedWhatIsSpentIsNot) {
  const BucketRef bucket = Bucket("k", 100);
  const LeaseReply lease = Lease(bucket, 50, 1);
  ASSERT_EQ(lease.granted, 50);
  const LeaseReply after = Lease(bucket, 0, 0, {{lease.generation, 20, 10}});
  EXPECT_EQ(after.available, 60);
  // 20 are still out: giving back 50 more cannot credit them all.
  const LeaseReply last = Lease(bucket, 0, 0, {{lease.generation, 0, 50}});
  EXPECT_EQ(last.available, 80);
}

TEST_P(LimitStoreSuite, AvailableAndOutstandingNeverExceedTheBurst) {
  const BucketRef bucket = Bucket("k", 100);
  ASSERT_EQ(Lease(bucket, 50, 1).granted, 50);
  Refund(bucket, 1000);
  EXPECT_EQ(Lease(bucket, 0, 0).available, 50);
}

TEST_P(LimitStoreSuite, ALapsedLeaseCountsAsSpent) {
  // Refills ten tokens a second; what was out comes back only that way.
  BucketRef bucket = Bucket("k", 100, 10'000'000);
  const LeaseReply lease = Lease(bucket, 50, 1);
  ASSERT_EQ(lease.granted, 50);
  // Until it lapses, available stays at what is not out.
  ASSERT_TRUE(Eventually([&] { return Lease(bucket, 0, 0).available > 50; }));
  // An account of the lapsed lease credits nothing.
  const double before = Lease(bucket, 0, 0).available;
  const double after =
      Lease(bucket, 0, 0, {{lease.generation, 0, 50}}).available;
  EXPECT_LT(after, before + 40);
}

TEST_P(LimitStoreSuite, AForeignAccountChangesNothing) {
  const BucketRef bucket = Bucket("k", 100);
  ASSERT_TRUE(TakeOne(bucket, 60).allowed);
  const LeaseReply reply =
      Lease(bucket, 0, 0, {{~uint64_t{0}, 10, 10}, {12345, 10, 10}});
  EXPECT_EQ(reply.available, 40);
}

TEST_P(LimitStoreSuite, AWindowAllowsItsNumber) {
  for (const auto algorithm :
       {limit::Algorithm::kFixedWindow, limit::Algorithm::kSlidingWindow}) {
    for (const double limit : {3.0, 3000.0}) {
      const BucketRef bucket =
          Bucket("k" + std::to_string(limit), limit, kYearUs, algorithm);
      EXPECT_EQ(TakeOne(bucket, limit - 1).remaining, 1);
      EXPECT_FALSE(TakeOne(bucket, 2).allowed);
      EXPECT_TRUE(TakeOne(bucket, 1).allowed);
      const limit::Verdict denied = TakeOne(bucket, 1);
      EXPECT_FALSE(denied.allowed);
      EXPECT_GT(denied.retry_after_us, 0);
      EXPECT_LE(denied.retry_after_us, kYearUs + kYearUs / limit::kSubWindows);
    }
  }
}

TEST_P(LimitStoreSuite, AWindowPasses) {
  for (const auto algorithm :
       {limit::Algorithm::kFixedWindow, limit::Algorithm::kSlidingWindow}) {
    for (const double limit : {3.0, 3000.0}) {
      const BucketRef bucket =
          Bucket("k" + std::to_string(limit), limit, 200'000, algorithm);
      EXPECT_TRUE(Eventually([&] { return TakeOne(bucket, limit).allowed; }));
      EXPECT_TRUE(Eventually([&] { return TakeOne(bucket, limit).allowed; }));
    }
  }
}

TEST_P(LimitStoreSuite, AWindowTakesReservations) {
  for (const auto algorithm :
       {limit::Algorithm::kFixedWindow, limit::Algorithm::kSlidingWindow}) {
    for (const double limit : {3.0, 3000.0}) {
      const BucketRef bucket =
          Bucket("k" + std::to_string(limit), limit, kHourUs, algorithm);
      const double half = limit * 2 / 3;
      EXPECT_TRUE(TakeOne(bucket, half, 3 * kHourUs).allowed);
      const limit::Verdict first = TakeOne(bucket, half, 3 * kHourUs);
      const limit::Verdict second = TakeOne(bucket, half, 3 * kHourUs);
      EXPECT_TRUE(first.allowed);
      EXPECT_GT(first.wait_us, 0);
      EXPECT_TRUE(second.allowed);
      EXPECT_GT(second.wait_us, first.wait_us);
    }
  }
}

TEST_P(LimitStoreSuite, WindowsLendTokensExceptExactOnes) {
  const BucketRef fixed =
      Bucket("f", 100, kYearUs, limit::Algorithm::kFixedWindow);
  const BucketRef sliding =
      Bucket("s", 5000, kYearUs, limit::Algorithm::kSlidingWindow);
  for (const BucketRef& bucket : {fixed, sliding}) {
    const LeaseReply lease = Lease(bucket, 40, 1);
    EXPECT_EQ(lease.granted, 40);
    EXPECT_EQ(lease.available, bucket.shape.burst - 40);
    const LeaseReply back = Lease(bucket, 0, 0, {{lease.generation, 0, 40}});
    EXPECT_EQ(back.available, bucket.shape.burst);
  }
  LeaseRequest exact;
  exact.bucket = Bucket("e", 100, kYearUs, limit::Algorithm::kSlidingWindow);
  exact.want = exact.min = 1;
  const auto reply = Await<absl::StatusOr<LeaseReply>>(
      [&](auto done) { store().Lease(exact, std::move(done)); });
  EXPECT_EQ(reply.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_P(LimitStoreSuite, AnAdaptiveRateMovesBetweenItsBounds) {
  BucketRef bucket = Bucket("k", 100, 1'000'000, limit::Algorithm::kAdaptive);
  EXPECT_NEAR(Adjust(bucket, true), 110, 1e-6);
  EXPECT_NEAR(Adjust(bucket, false), 88, 1e-6);
  EXPECT_NEAR(Lease(bucket, 1, 1).tokens_per_period, 88, 1e-6);
  for (int i = 0; i < 20; ++i) Adjust(bucket, false);
  EXPECT_NEAR(Adjust(bucket, false), 10, 1e-6);
  for (int i = 0; i < 20; ++i) Adjust(bucket, true);
  EXPECT_NEAR(Adjust(bucket, true), 200, 1e-6);
}

TEST_P(LimitStoreSuite, ReportsSoonAfterAStepAreNoStep) {
  BucketRef bucket = Bucket("k", 100, 1'000'000, limit::Algorithm::kAdaptive);
  bucket.adaptive.step_every_us = kHourUs;
  EXPECT_NEAR(Adjust(bucket, true), 110, 1e-6);
  EXPECT_NEAR(Adjust(bucket, true), 110, 1e-6);
  EXPECT_NEAR(Adjust(bucket, false), 88, 1e-6);  // turning down counts at once
  EXPECT_NEAR(Adjust(bucket, false), 88, 1e-6);
}

TEST_P(LimitStoreSuite, CountsThePodsAlive) {
  EXPECT_EQ(Heartbeat("a"), 1u);
  EXPECT_EQ(Heartbeat("b"), 2u);
  EXPECT_EQ(Heartbeat("a"), 2u);
  store().Leave("b");
  EXPECT_EQ(Heartbeat("a"), 1u);
}

TEST_P(LimitStoreSuite, NoBucketsIsAllowed) { EXPECT_TRUE(Take({}).allowed); }

}  // namespace outrigger::store

#endif  // OUTRIGGER_TESTS_STORE_LIMIT_STORE_SUITE_H_
