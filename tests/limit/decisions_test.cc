// The pure decisions of each algorithm.
#include <gtest/gtest.h>

#include <deque>

#include "base/random.h"
#include "limit/adaptive.h"
#include "limit/leased_bucket.h"
#include "limit/limit_config.h"
#include "limit/windows.h"

namespace outrigger::limit {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kStart = 1'000'000 * kSecond;

Shape Bucket(double tokens, double burst) {
  return {Algorithm::kTokenBucket, tokens, kSecond, burst};
}
Shape Window(Algorithm algorithm, double tokens, int64_t period_us) {
  return {algorithm, tokens, period_us, tokens};
}

// ---- token bucket ----

TEST(TokenBucket, WaitingRetryAfterAloneIsEnough) {
  PseudoRandomSource random(1);
  for (int round = 0; round < 2000; ++round) {
    const Shape shape = Bucket(0.1 + 1000 * random.NextDouble(),
                               1 + std::floor(100 * random.NextDouble()));
    TokenBucket bucket = TokenBucket::Full(shape, kStart);
    int64_t now = kStart;
    while (bucket.Take(1, 0, now, shape).allowed) {
    }
    const double cost = 1 + std::floor(random.NextDouble() * (shape.burst - 1));
    const Verdict denied = bucket.Take(cost, 0, now, shape);
    ASSERT_FALSE(denied.allowed);
    now += denied.retry_after_us;
    bucket.AdvanceTo(now, shape, shape.burst);
    ASSERT_TRUE(bucket.Take(cost, 0, now, shape).allowed) << "round " << round;
  }
}

TEST(TokenBucket, AClockThatGoesBackGivesNothing) {
  const Shape shape = Bucket(10, 10);
  TokenBucket bucket = TokenBucket::Full(shape, kStart);
  bucket.Take(10, 0, kStart, shape);
  bucket.AdvanceTo(kStart - kSecond, shape, 10);
  bucket.AdvanceTo(kStart, shape, 10);
  EXPECT_FALSE(bucket.Take(1, 0, kStart, shape).allowed);
}

TEST(TokenBucket, AReservationComesDueInTurn) {
  const Shape shape = Bucket(10, 10);
  TokenBucket bucket = TokenBucket::Full(shape, kStart);
  bucket.Take(10, 0, kStart, shape);
  EXPECT_EQ(bucket.Take(5, kSecond, kStart, shape).wait_us, 500'000);
  EXPECT_EQ(bucket.Take(1, kSecond, kStart, shape).wait_us, 600'000);
  EXPECT_EQ(bucket.Take(5, kSecond, kStart, shape).retry_after_us, 1'100'000);
}

// ---- leases ----

constexpr int64_t kLease = kSecond;

TEST(LeasedBucket, WhatIsOutIsMissingFromTheCap) {
  const Shape shape = Bucket(100, 100);
  LeasedBucket bucket(shape, kLease, kStart);
  EXPECT_EQ(bucket.Grant(40, 1, shape), 40);
  bucket.AdvanceTo(kStart + kSecond - 1, shape);
  EXPECT_NEAR(bucket.available(), 60, 0.01);
  bucket.Account(kStart / kLease, 30, 0, shape);
  bucket.AdvanceTo(kStart + kSecond + kSecond / 2, shape);
  EXPECT_NEAR(bucket.available(), 90, 0.01) << "30 were spent, 10 are out";
}

TEST(LeasedBucket, ALapsedLeaseCountsAsSpent) {
  const Shape shape = Bucket(100, 100);
  LeasedBucket bucket(shape, kLease, kStart);
  bucket.Grant(50, 1, shape);
  const int64_t lapse = kStart + 2 * kLease;
  bucket.AdvanceTo(lapse - 1, shape);
  EXPECT_NEAR(bucket.available(), 50, 0.01);
  bucket.AdvanceTo(lapse + kSecond / 10, shape);
  EXPECT_NEAR(bucket.available(), 60, 0.01) << "they come back by refill only";
  EXPECT_EQ(bucket.outstanding(), 0);
}

TEST(LeasedBucket, OneLookAfterALongTimeIsTheSameAsMany) {
  const Shape shape = Bucket(37, 90);
  PseudoRandomSource random(5);
  for (int round = 0; round < 500; ++round) {
    LeasedBucket once(shape, kLease, kStart), often(shape, kLease, kStart);
    int64_t now = kStart;
    for (int step = 0; step < 10; ++step) {
      const double want = std::floor(30 * random.NextDouble());
      ASSERT_EQ(once.Grant(want, 1, shape), often.Grant(want, 1, shape));
      const int64_t next =
          now + static_cast<int64_t>(random.NextDouble() * 3e6);
      for (int64_t t = now; t < next; t += 70'000) often.AdvanceTo(t, shape);
      often.AdvanceTo(next, shape);
      once.AdvanceTo(next, shape);
      now = next;
      ASSERT_NEAR(once.available(), often.available(), 1e-6);
      ASSERT_EQ(once.outstanding(), often.outstanding());
      ASSERT_LE(once.available() + once.outstanding(), shape.burst + 1e-6);
    }
  }
}

TEST(LeasedBucket, ReturnsAreCreditedOnceAndOnlyWhileTheyAreOut) {
  const Shape shape = Bucket(1, 100);
  LeasedBucket bucket(shape, kLease, kStart);
  bucket.Grant(40, 1, shape);
  const int64_t generation = bucket.generation();
  bucket.Account(generation, 0, 25, shape);
  EXPECT_NEAR(bucket.available(), 85, 1e-6);
  bucket.Account(generation, 0, 500, shape);
  EXPECT_NEAR(bucket.available(), 100, 1e-6) << "no more than was out";
  bucket.Account(generation - 7, 0, 50, shape);
  EXPECT_NEAR(bucket.available() + bucket.outstanding(), 100, 1e-6);
}

TEST(LeasedBucket, AfterForgettingItStartsEmptyOnceAllLeasesHaveLapsed) {
  const Shape shape = Bucket(100, 100);
  LeasedBucket bucket = LeasedBucket::Forgotten(kLease, kStart);
  bucket.AdvanceTo(kStart + kLease - 1, shape);
  EXPECT_EQ(bucket.Grant(10, 1, shape), 0);
  bucket.AdvanceTo(kStart + kLease + kSecond / 2, shape);
  EXPECT_NEAR(bucket.available(), 50, 0.01);
}

TEST(GrantOf, ShrinksAsTheBucketRunsDry) {
  const Shape shape = Bucket(100, 100);  // 2.5 tokens in kSmallRemainderUs
  EXPECT_EQ(GrantOf(100, 80, 1, shape), 50);
  EXPECT_EQ(GrantOf(100, 20, 1, shape), 20);
  EXPECT_EQ(GrantOf(100, 80, 70, shape), 70);
  EXPECT_EQ(GrantOf(2, 80, 1, shape), 2) << "a small remainder is not split";
  EXPECT_EQ(GrantOf(3, 80, 4, shape), 0);
}

// ---- windows ----

// Compares a window with a list of all that was admitted.
class Ledger {
 public:
  void Admit(int64_t at, double cost) { admitted_.emplace_back(at, cost); }
  double In(int64_t from, int64_t to) const {  // [from, to)
    double sum = 0;
    for (const auto& [at, cost] : admitted_) {
      if (at >= from && at < to) sum += cost;
    }
    return sum;
  }
  const std::deque<std::pair<int64_t, double>>& all() const {
    return admitted_;
  }

 private:
  std::deque<std::pair<int64_t, double>> admitted_;
};

TEST(SlidingWindow, ExactlyTheLimitInAnySpan) {
  const Shape shape = Window(Algorithm::kSlidingWindow, 20, kSecond);
  PseudoRandomSource random(3);
  SlidingWindow window;
  Ledger ledger;
  int64_t now = kStart;
  for (int step = 0; step < 3000; ++step) {
    now += static_cast<int64_t>(random.NextDouble() * 60'000);
    window.AdvanceTo(now, shape);
    const double cost = 1 + std::floor(random.NextDouble() * 3);
    const int64_t max_wait = random.NextDouble() < 0.2 ? 300'000 : 0;
    const Verdict verdict = window.Take(cost, max_wait, now, shape);
    const double before = ledger.In(now - kSecond + 1, INT64_MAX);
    if (verdict.allowed) {
      ledger.Admit(now + verdict.wait_us, cost);
    } else {
      ASSERT_TRUE(before + cost > 20) << "denied although there was room";
    }
    ASSERT_LE(window.entries(), 20u);
  }
  for (const auto& [at, cost] : ledger.all()) {
    ASSERT_LE(ledger.In(at, at + kSecond), 20);
  }
}

TEST(SlidingWindow, SubWindowsErrTowardsDenyingByOneSubWindowAtMost) {
  const Shape shape = Window(Algorithm::kSlidingWindow, 5000, kSecond);
  const int64_t sub = SlidingWindow::SubWindowUs(shape);
  PseudoRandomSource random(4);
  SlidingWindow window;
  Ledger ledger;
  int64_t now = kStart;
  for (int step = 0; step < 2000; ++step) {
    now += static_cast<int64_t>(random.NextDouble() * 4'000);
    window.AdvanceTo(now, shape);
    const double cost = 1 + std::floor(random.NextDouble() * 40);
    const Verdict verdict = window.Take(cost, 0, now, shape);
    if (verdict.allowed) {
      ledger.Admit(now, cost);
    } else {
      ASSERT_GT(ledger.In(now - kSecond - sub, now + 1) + cost, 5000);
    }
    ASSERT_LE(window.entries(), static_cast<size_t>(2 * kSubWindows + 2));
  }
  for (const auto& [at, cost] : ledger.all()) {
    ASSERT_LE(ledger.In(at, at + kSecond), 5000);
  }
}

TEST(SlidingWindow, RetryAfterIsTrue) {
  const Shape shape = Window(Algorithm::kSlidingWindow, 3, kSecond);
  SlidingWindow window;
  for (int i = 0; i < 3; ++i) window.Take(1, 0, kStart + i * 1000, shape);
  const Verdict denied = window.Take(2, 0, kStart + 5000, shape);
  EXPECT_EQ(denied.retry_after_us, kSecond + 1000 - 5000);
  const int64_t later = kStart + 5000 + denied.retry_after_us;
  window.AdvanceTo(later, shape);
  EXPECT_TRUE(window.Take(2, 0, later, shape).allowed);
}

TEST(FixedWindow, ReservationsStandWholeInTheirWindow) {
  const Shape shape = Window(Algorithm::kFixedWindow, 10, kSecond);
  FixedWindow window;
  const int64_t now = kStart + 400'000;
  window.AdvanceTo(now, shape);
  EXPECT_TRUE(window.Take(8, 0, now, shape).allowed);
  EXPECT_EQ(window.Take(5, 2 * kSecond, now, shape).wait_us, 600'000);
  EXPECT_EQ(window.Take(6, 3 * kSecond, now, shape).wait_us, 1'600'000);
  EXPECT_FALSE(window.Take(1, 0, now, shape).allowed) << "no overtaking";
  window.AdvanceTo(kStart + 2 * kSecond, shape);
  EXPECT_EQ(window.count(), 6);
}

TEST(FixedWindow, ALongerPeriodAfterAReloadCountsWhatWasTaken) {
  FixedWindow window;
  const Shape before = Window(Algorithm::kFixedWindow, 10, kSecond);
  const Shape after = Window(Algorithm::kFixedWindow, 10, 60 * kSecond);
  window.AdvanceTo(kStart, before);
  EXPECT_TRUE(window.Take(8, 0, kStart, before).allowed);
  window.AdvanceTo(kStart, after);
  EXPECT_TRUE(window.Take(2, 0, kStart, after).allowed);
  EXPECT_FALSE(window.Take(1, 0, kStart, after).allowed);
  window.AdvanceTo(kStart + 60 * kSecond, after);
  EXPECT_TRUE(window.Take(10, 0, kStart + 60 * kSecond, after).allowed);
}

TEST(FixedWindow, NeverMoreThanTheLimitInAWindow) {
  const Shape shape = Window(Algorithm::kFixedWindow, 10, kSecond);
  PseudoRandomSource random(6);
  FixedWindow window;
  Ledger ledger;
  int64_t now = kStart;
  for (int step = 0; step < 2000; ++step) {
    now += static_cast<int64_t>(random.NextDouble() * 200'000);
    window.AdvanceTo(now, shape);
    const double cost = 1 + std::floor(random.NextDouble() * 6);
    const int64_t max_wait = random.NextDouble() < 0.3 ? 2 * kSecond : 0;
    const Verdict verdict = window.Take(cost, max_wait, now, shape);
    if (verdict.allowed) ledger.Admit(now + verdict.wait_us, cost);
  }
  for (int64_t start = kStart; start < now; start += kSecond) {
    ASSERT_LE(ledger.In(start, start + kSecond), 10);
  }
}

// ---- adaptive ----

TEST(AdaptiveRate, StepsNoMoreOftenThanConfigured) {
  const AdaptiveShape shape = {100, 10, 200, 10, 20, kSecond};
  AdaptiveRate rate = AdaptiveRate::Initial(shape);
  rate.Step(true, kStart, shape);
  rate.Step(true, kStart + 500'000, shape);
  EXPECT_EQ(rate.tokens_per_second, 110);
  rate.Step(false, kStart + 600'000, shape);
  EXPECT_EQ(rate.tokens_per_second, 88) << "the first step down always counts";
  rate.Step(false, kStart + 700'000, shape);
  EXPECT_EQ(rate.tokens_per_second, 88) << "one burst of failures is one step";
  rate.Step(true, kStart + 1'700'000, shape);
  EXPECT_EQ(rate.tokens_per_second, 98);
}

// ---- validation ----

TEST(Validate, NamesTheFirstBadField) {
  LimitConfig good;
  good.name = "ok";
  ASSERT_TRUE(Validate(good).ok());
  struct Case {
    const char* path;
    void (*spoil)(LimitConfig&);
  };
  const Case cases[] = {
      {"name", [](LimitConfig& c) { c.name = "has space"; }},
      {"name", [](LimitConfig& c) { c.name = ""; }},
      {"key[1]",
       [](LimitConfig& c) {
         c.key = {"a", "a"};
       }},
      {"key", [](LimitConfig& c) { c.key.assign(17, "x"); }},
      {"rate", [](LimitConfig& c) { c.shape.tokens = 0; }},
      {"rate", [](LimitConfig& c) { c.shape.period_us = 10; }},
      {"burst", [](LimitConfig& c) { c.shape.burst = 0.5; }},
      {"burst",
       [](LimitConfig& c) {
         c.shape.algorithm = Algorithm::kFixedWindow;
         c.shape.burst = 7;
       }},
      {"adaptive.floor",
       [](LimitConfig& c) {
         c.shape.algorithm = Algorithm::kAdaptive;
         c.adaptive.floor = 0;
       }},
      {"adaptive.initial",
       [](LimitConfig& c) {
         c.shape.algorithm = Algorithm::kAdaptive;
         c.adaptive.initial = 5;
       }},
      {"overrides[0].match", [](LimitConfig& c) { c.overrides.resize(1); }},
      {"overrides[0]",
       [](LimitConfig& c) {
         c.overrides.resize(1);
         c.overrides[0].match = {{"tier", "gold"}};
       }},
  };
  for (const Case& c : cases) {
    LimitConfig config = good;
    c.spoil(config);
    const absl::Status status = Validate(config);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.path;
    EXPECT_EQ(status.message().find(c.path), 0u) << status;
  }
}

}  // namespace
}  // namespace outrigger::limit
