#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "absl/synchronization/notification.h"
#include "breaker/denials.h"
#include "breaker/known_breaker.h"
#include "breaker/local_record.h"
#include "breaker/told_state.h"
#include "hang.h"
#include "support.h"

namespace outrigger::client {
namespace {

using internal::After;
using internal::LocalRecord;
using internal::Now;
using internal::ToldState;

TEST(LocalRecordTest, OpensProbesAndCloses) {
  const BreakerPolicy policy{.failures = 2, .open_for = absl::Seconds(10)};
  LocalRecord record(policy);
  const auto now = Now();
  for (int i = 0; i < 2; ++i) {
    const auto verdict = record.Ask(now);
    ASSERT_TRUE(verdict.allowed);
    record.Record(verdict.generation, Result::kFailure, now);
  }
  EXPECT_EQ(record.Ask(now).retry_after, absl::Seconds(10));
  const auto later = After(now, absl::Seconds(10));
  const auto probe = record.Ask(later);
  EXPECT_TRUE(probe.allowed && probe.probe);
  EXPECT_FALSE(record.Ask(later).allowed);
  record.Record(probe.generation, Result::kSuccess, later);
  EXPECT_TRUE(record.Ask(later).allowed);
  EXPECT_FALSE(record.Ask(later).probe);
}

TEST(LocalRecordTest, AProbeThatIsIgnoredIsGivenBackAndOneThatFailsOpens) {
  const BreakerPolicy policy{.failures = 1, .open_for = absl::Seconds(1)};
  LocalRecord record(policy);
  auto now = Now();
  const auto old = record.Ask(now);
  record.Record(old.generation, Result::kFailure, now);
  now = After(now, absl::Seconds(1));
  record.Record(record.Ask(now).generation, Result::kIgnored, now);
  const auto probe = record.Ask(now);
  ASSERT_TRUE(probe.probe);
  record.Record(old.generation, Result::kSuccess, now);  // too late to count
  record.Record(probe.generation, Result::kFailure, now);
  EXPECT_FALSE(record.Ask(now).allowed);
  EXPECT_GT(record.Ask(now).retry_after, absl::ZeroDuration());
}

TEST(LocalRecordTest, AProbeThatHangsIsNotWaitedForWithoutEnd) {
  const BreakerPolicy policy{.failures = 1, .open_for = absl::Seconds(1)};
  LocalRecord record(policy);
  auto now = Now();
  record.Record(record.Ask(now).generation, Result::kFailure, now);
  now = After(now, absl::Seconds(1));
  const auto hangs = record.Ask(now);
  ASSERT_TRUE(hangs.probe);
  EXPECT_FALSE(record.Ask(After(now, absl::Milliseconds(999))).allowed);
  now = After(now, absl::Seconds(1));
  const auto probe = record.Ask(now);
  ASSERT_TRUE(probe.probe);
  record.Record(hangs.generation, Result::kSuccess, now);  // too late to count
  EXPECT_FALSE(record.Ask(now).allowed);
  record.Record(probe.generation, Result::kSuccess, now);
  EXPECT_TRUE(record.Ask(now).allowed);
  EXPECT_FALSE(record.Ask(now).probe);
}

breaker::v1::WatchResponse Told(breaker::v1::State state, double ratio) {
  breaker::v1::WatchResponse told;
  told.set_breaker("b");
  told.set_state(state);
  told.set_generation(7);
  told.set_admit_ratio(ratio);
  told.mutable_valid_for()->set_seconds(5);
  told.mutable_retry_after()->set_seconds(3);
  told.set_reason(breaker::v1::FAILURE_RATE);
  told.set_message("7 of 20");
  return told;
}

TEST(ToldStateTest, DecidesWhileWhatItWasToldIsValid) {
  ToldState state;
  const auto now = Now();
  EXPECT_FALSE(state.Decide(now).has_value());
  state.Tell(Told(breaker::v1::CLOSED, 1), now);
  EXPECT_EQ(state.Decide(now)->generation, 7u);
  EXPECT_FALSE(state.Decide(now)->denial.has_value());
  EXPECT_FALSE(state.Decide(After(now, absl::Seconds(5))).has_value());
  state.Tell(Told(breaker::v1::OPEN, 0), now);
  const Denial denial = *state.Decide(After(now, absl::Seconds(1)))->denial;
  EXPECT_EQ(denial.state, BreakerState::kOpen);
  EXPECT_EQ(denial.reason, DenialReason::kFailureRate);
  EXPECT_EQ(denial.message, "7 of 20");
  EXPECT_EQ(denial.retry_after, absl::Seconds(2));
  EXPECT_FALSE(state.Decide(After(now, absl::Seconds(3))).has_value());
  state.Tell(Told(breaker::v1::HALF_OPEN, 0), now);
  EXPECT_FALSE(state.Decide(now).has_value());
  state.Tell(Told(breaker::v1::METRICS_ONLY, 1), now);
  EXPECT_TRUE(state.Decide(now).has_value());
  state.Forget();
  EXPECT_FALSE(state.Decide(now).has_value());
}

TEST(ToldStateTest, WhileItRecoversAShareOfTheCallsPasses) {
  ToldState state;
  const auto now = Now();
  state.Tell(Told(breaker::v1::CLOSED, 0.5), now);
  int passed = 0;
  for (int i = 0; i < 10000; ++i) {
    passed += state.Decide(now)->denial.has_value() ? 0 : 1;
  }
  EXPECT_GT(passed, 4500);
  EXPECT_LT(passed, 5500);
}

TEST(KnownBreakerTest, AMethodsOwnStateDecides) {
  const BreakerPolicy policy;
  internal::KnownBreaker known("b", policy);
  known.Tell(Told(breaker::v1::CLOSED, 1), Now());
  EXPECT_EQ(known.StateFor("pay"), nullptr);
  known.Learn("pay", 7);
  auto told = Told(breaker::v1::OPEN, 0);
  told.set_method("pay");
  known.Tell(told, Now());
  EXPECT_EQ(known.StateFor("pay")->view(Now()).state, BreakerState::kOpen);
  EXPECT_EQ(known.StateFor("refund"), nullptr);
}

TEST(KnownBreakerTest, TheBreakersStateDecidesForMethodsOfItsGeneration) {
  const BreakerPolicy policy;
  internal::KnownBreaker known("b", policy);
  auto told = Told(breaker::v1::CLOSED, 1);
  known.Tell(told, Now());
  known.Learn("pay", 7);
  known.Learn("refund", 6);
  EXPECT_EQ(known.StateFor("pay"), known.whole());
  EXPECT_EQ(known.StateFor("refund"), nullptr);
  told.set_generation(8);
  known.Tell(told, Now());
  EXPECT_EQ(known.StateFor("pay"), nullptr);
  known.Learn("pay", 8);
  EXPECT_EQ(known.StateFor("pay"), known.whole());
  known.Forget();
  known.Tell(told, Now());
  EXPECT_EQ(known.StateFor("pay"), nullptr);
}

TEST(KnownBreakerTest, RemembersNoMoreThanAThousandMethods) {
  const BreakerPolicy policy;
  internal::KnownBreaker known("b", policy);
  known.Tell(Told(breaker::v1::CLOSED, 1), Now());
  for (int i = 0; i <= 1000; ++i) known.Learn(std::to_string(i), 6);
  known.Learn("0", 7);
  known.Learn("1000", 7);
  EXPECT_EQ(known.StateFor("0"), known.whole());
  EXPECT_EQ(known.StateFor("1000"), nullptr);
}

TEST(DenialTest, IsToldInAStatus) {
  const absl::Status status =
      internal::ToStatus({.state = BreakerState::kOpen,
                          .reason = DenialReason::kSlowCallRate,
                          .retry_after = absl::Milliseconds(1500),
                          .message = "slow",
                          .source = Source::kFallback});
  EXPECT_TRUE(absl::IsUnavailable(status));
  const Denial denial = *DenialOf(status);
  EXPECT_EQ(denial.reason, DenialReason::kSlowCallRate);
  EXPECT_EQ(denial.retry_after, absl::Milliseconds(1500));
  EXPECT_EQ(denial.source, Source::kFallback);
  EXPECT_FALSE(DenialOf(absl::UnavailableError("another")).has_value());
}

// A breaker that decides by this process alone, and opens at once.
Options Local() {
  Options options = WithoutSidecar();
  options.breaker = {.failures = 1, .open_for = absl::Hours(1)};
  return options;
}

TEST(BreakerTest, BodiesMayAnswerInFourWays) {
  Client client = Connected();
  Breaker breaker = client.breaker("bench");
  EXPECT_TRUE(breaker.Call([] {}).ok());
  EXPECT_EQ(*breaker.Call([] { return 42; }), 42);
  EXPECT_EQ(*breaker.Call([]() -> absl::StatusOr<std::string> { return "a"; }),
            "a");
  EXPECT_TRUE(absl::IsNotFound(
      breaker.Call([] { return absl::NotFoundError("no such order"); })));
}

TEST(BreakerTest, WhatIsTheCallersDoingIsNoFailure) {
  Client client = Connected(Local());
  Breaker breaker = client.breaker("payments");
  (void)breaker.Call([] { return absl::NotFoundError(""); });
  (void)breaker.Call([] { return absl::CancelledError(""); });
  EXPECT_TRUE(breaker.Acquire().ok());
  (void)breaker.Call([] { return absl::InternalError(""); });
  EXPECT_TRUE(DenialOf(breaker.Acquire().status()).has_value());
}

TEST(BreakerTest, ExceptionsGoThroughAndAreFailures) {
  Client client = Connected(Local());
  Breaker breaker = client.breaker("payments");
  EXPECT_THROW((void)breaker
                   .WithExceptionClassifier(
                       [](std::exception_ptr) { return Result::kIgnored; })
                   .Call([] { throw std::runtime_error("boom"); }),
               std::runtime_error);
  EXPECT_TRUE(breaker.Acquire().ok());
  EXPECT_THROW((void)breaker.Call([] { throw std::runtime_error("boom"); }),
               std::runtime_error);
  const Denial denial = *DenialOf(breaker.Acquire().status());
  EXPECT_EQ(denial.source, Source::kFallback);
  EXPECT_EQ(denial.reason, DenialReason::kConsecutiveFailures);
  EXPECT_EQ(*breaker.Call([] { return 1; }, [](const Denial&) { return 2; }),
            2);
}

TEST(BreakerTest, APermitThatAnExceptionDestroysIsAFailure) {
  Client client = Connected(Local());
  Breaker breaker = client.breaker("payments");
  { const auto ignored = breaker.Acquire(); }
  try {
    const auto permit = breaker.Acquire();
    ASSERT_TRUE(permit.ok());
    throw std::runtime_error("boom");
  } catch (const std::runtime_error&) {
  }
  EXPECT_FALSE(breaker.Acquire().ok());
}

TEST(BreakerTest, IsToldAndThenDecidesInTheProcess) {
  Client client = Connected();
  Breaker breaker = client.breaker("bench");
  EXPECT_TRUE(Eventually([&] { return breaker.view().known; }));
  EXPECT_EQ(breaker.view().state, BreakerState::kClosed);
  Hang hang;
  absl::StatusOr<Permit> permit = breaker.Acquire();
  ASSERT_TRUE(permit.ok());
  EXPECT_EQ(permit->source(), Source::kSidecar);
}

TEST(BreakerTest, OneThatIsNotConfiguredIsAMistake) {
  Client client = Connected();
  EXPECT_TRUE(absl::IsNotFound(client.breaker("nobody").Acquire().status()));
  absl::Notification done;
  client.breaker("nobody").AcquireAsync(
      [&](const absl::StatusOr<Permit>& permit) {
        EXPECT_TRUE(absl::IsNotFound(permit.status()));
        done.Notify();
      });
  done.WaitForNotification();
}

TEST(BreakerTest, ABreakerThatIsGoneCostsNoOthersOutcomes) {
  OpenSession session;
  const BreakerPolicy policy;
  internal::KnownBreaker known("bench", policy);
  internal::KnownBreaker other("flaky", policy);
  internal::KnownBreaker gone("nobody", policy);
  internal::Reporter& reporter = session->breakers().reporter();
  for (const auto* breaker : {&known, &gone, &other, &gone, &known}) {
    reporter.Add({.breaker = breaker});
  }
  reporter.Flush();
  EXPECT_EQ(reporter.dropped(), 2u);
  EXPECT_EQ(reporter.waiting(), 0u);
}

TEST(BreakerTest, OutcomesThatCannotBeToldAreCounted) {
  OpenSession session(WithoutSidecar());
  const BreakerPolicy policy;
  internal::KnownBreaker known("bench", policy);
  internal::Reporter& reporter = session->breakers().reporter();
  for (int i = 0; i < 10; ++i) {
    reporter.Add({.breaker = &known, .urgent = i == 9});
  }
  reporter.Flush();
  EXPECT_EQ(reporter.dropped(), 10u);
  EXPECT_EQ(reporter.waiting(), 0u);
}

}  // namespace
}  // namespace outrigger::client
