// Breakers of a fleet: who trips whom, and who may probe.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "coord/breaker/breakers.h"
#include "tests/support/breaker_fleet.h"

namespace outrigger {
namespace {

using coord::BreakerReason;
using coord::BreakerState;
using coord::CallResult;
using coord::PermitAnswer;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

// All of the fleet's pods open, at once.
void Open(BreakerFleet& fleet) {
  for (int i = 0; i < fleet.size(); ++i) fleet[i].Fail(5);
  for (int i = 0; i < fleet.size(); ++i) {
    ASSERT_EQ(fleet[i].State(), BreakerState::kOpen) << i;
    ASSERT_FALSE(fleet[i].View().isolated) << i;
  }
}

TEST(Breakers, TheStoreIsListenedToFromTheFirstBreakerOn) {
  BreakerFleet fleet(1);
  EXPECT_TRUE(fleet[0].link().listened());
  FakeClock clock;
  ManualExecutor executor(clock);
  store::MemoryBreakerStore shared(clock);
  BreakerHub hub(shared);
  BreakerPod none({}, hub, clock, executor, /*seed=*/7);
  EXPECT_FALSE(none.link().listened());
  none.breakers().Update({TestBreaker()});
  EXPECT_TRUE(none.link().listened());
  EXPECT_EQ(none.Fail(5), 5);
  EXPECT_EQ(none.State(), BreakerState::kOpen);
}

TEST(Breakers, APodAloneTripsTheFleetOfOne) {
  BreakerFleet fleet(1);
  EXPECT_EQ(fleet[0].Fail(4), 4);
  EXPECT_EQ(fleet[0].State(), BreakerState::kClosed);
  EXPECT_EQ(fleet[0].Fail(4), 1);
  const PermitAnswer answer = fleet[0].Acquire();
  EXPECT_FALSE(answer.allowed);
  EXPECT_EQ(answer.state, BreakerState::kOpen);
  EXPECT_EQ(answer.reason, BreakerReason::kConsecutiveFailures);
  EXPECT_THAT(answer.message, HasSubstr("5 calls in a row failed"));
  EXPECT_EQ(answer.retry_after, seconds(60));
  EXPECT_EQ(answer.permit, 0u);
  EXPECT_FALSE(answer.isolated);
  EXPECT_FALSE(answer.degraded);
}

TEST(Breakers, OnePodOfManyIsolatesItself) {
  BreakerFleet fleet(4);
  for (int i = 1; i < 4; ++i) fleet[i].Succeed(20);
  fleet.Advance(seconds(3));
  fleet[0].Fail(5);
  fleet.Advance(seconds(1));
  EXPECT_EQ(fleet[0].State(), BreakerState::kOpen);
  EXPECT_TRUE(fleet[0].Acquire().isolated);
  for (int i = 1; i < 4; ++i) {
    EXPECT_EQ(fleet[i].State(), BreakerState::kClosed) << i;
    EXPECT_EQ(fleet[i].Succeed(5), 5);
  }
  // It tries again by itself, and is whole.
  fleet.Advance(seconds(60));
  EXPECT_EQ(fleet[0].Succeed(3), 3);
  EXPECT_EQ(fleet[0].State(), BreakerState::kClosed);
  EXPECT_FALSE(fleet[0].View().isolated);
}

TEST(Breakers, IsolatedPodsProbeByTheirShare) {
  for (const int most : {8, 3}) {
    breaker::BreakerOptions options = TestBreaker();
    options.half_open_probes = most;
    BreakerFleet fleet(4, options);
    for (int i = 1; i < 4; ++i) fleet[i].Succeed(20);
    fleet.Advance(seconds(3));
    fleet[0].Fail(5);
    fleet.Advance(seconds(60));
    ASSERT_TRUE(fleet[0].View().isolated);
    ASSERT_FALSE(fleet[0].View().degraded);
    std::vector<PermitAnswer> probes;
    for (int i = 0; i < most; ++i) {
      const PermitAnswer answer = fleet[0].Acquire();
      if (answer.allowed) probes.push_back(answer);
    }
    EXPECT_EQ(probes.size(), most == 8 ? 2u : 1u);
    for (const PermitAnswer& probe : probes) {
      EXPECT_EQ(fleet[0].State(), BreakerState::kHalfOpen);
      EXPECT_TRUE(fleet[0].Report(probe, CallResult::kSuccess));
    }
    EXPECT_EQ(fleet[0].State(), BreakerState::kClosed);
  }
}

TEST(Breakers, AQuorumTripsAll) {
  BreakerFleet fleet(4);
  for (int i = 0; i < 4; ++i) fleet[i].Succeed(1);
  fleet.Advance(seconds(3));
  fleet[0].Fail(5);
  EXPECT_TRUE(fleet[0].View().isolated);
  fleet[1].Fail(5);
  for (int i = 0; i < 4; ++i) {
    const PermitAnswer answer = fleet[i].Acquire();
    EXPECT_EQ(answer.state, BreakerState::kOpen) << i;
    EXPECT_FALSE(answer.isolated) << i;
    EXPECT_THAT(answer.message, HasSubstr("say 2 of 4 pods"));
    EXPECT_EQ(fleet[i].View().opened_by, "pod2");
  }
}

TEST(Breakers, OneBadPodDoesNotTripThoseWhoHaveJustRecovered) {
  BreakerFleet fleet(4);
  for (int i = 0; i < 4; ++i) fleet[i].Succeed(1);
  fleet.Advance(milliseconds(1));
  Open(fleet);
  fleet.Advance(seconds(60));
  ASSERT_EQ(fleet[1].Succeed(3), 3);
  // Nobody else has had a call yet.
  fleet[0].Fail(5);
  EXPECT_TRUE(fleet[0].View().isolated);
  EXPECT_EQ(fleet[1].State(), BreakerState::kClosed);
  // The same pod, when it is known that no other has calls.
  fleet.Advance(seconds(60));
  fleet[0].Succeed(3);
  fleet.Advance(seconds(20));
  fleet[0].Succeed(1);
  fleet.Advance(seconds(20));
  fleet[0].Fail(5);
  EXPECT_FALSE(fleet[0].View().isolated);
  EXPECT_EQ(fleet[1].State(), BreakerState::kOpen);
}

TEST(Breakers, PodsThatSeeLittleTripTogether) {
  BreakerFleet fleet(8);
  // None has five failures, nor ten calls; all together they have.
  for (int i = 0; i < 8; ++i) {
    fleet[i].Fail(2);
    fleet.Advance(milliseconds(300));
  }
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(fleet[i].State(), BreakerState::kOpen) << i;
  }
  EXPECT_EQ(fleet[0].Acquire().reason, BreakerReason::kFailureRate);
}

TEST(Breakers, ANewPodStartsWithWhatTheFleetKnows) {
  BreakerFleet fleet(2);
  Open(fleet);
  BreakerPod& late = fleet.Join();
  EXPECT_FALSE(late.Acquire().allowed);
  EXPECT_EQ(late.State(), BreakerState::kOpen);
}

TEST(Breakers, FiftyPodsSendNoMoreProbesThanOneFleetMay) {
  BreakerFleet fleet(50);
  Open(fleet);
  fleet.Advance(seconds(61));
  std::vector<std::pair<int, PermitAnswer>> probes;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 50; ++i) {
      const PermitAnswer answer = fleet[i].Acquire();
      if (answer.allowed) {
        EXPECT_TRUE(answer.probe);
        probes.emplace_back(i, answer);
      } else if (probes.size() >= 3) {
        EXPECT_EQ(answer.reason, BreakerReason::kProbesInUse);
        EXPECT_GT(answer.retry_after, Duration::zero());
        EXPECT_LE(answer.retry_after, seconds(1));
      }
    }
  }
  ASSERT_EQ(probes.size(), 3u);
  for (const auto& [pod, probe] : probes) {
    EXPECT_TRUE(fleet[pod].Report(probe, CallResult::kSuccess));
    EXPECT_FALSE(fleet[pod].Report(probe, CallResult::kSuccess)) << "twice";
  }
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(fleet[i].State(), BreakerState::kClosed) << i;
    EXPECT_TRUE(fleet[i].Acquire().allowed) << i;
  }
}

TEST(Breakers, WaitsGrowWithEachAttempt) {
  BreakerFleet fleet(1);
  Open(fleet);
  for (const auto wait : {seconds(60), seconds(120), seconds(240)}) {
    EXPECT_EQ(fleet[0].Acquire().retry_after, wait);
    fleet.Advance(wait);
    EXPECT_EQ(fleet[0].Fail(3), 2);  // the second is half of three, or more
    EXPECT_EQ(fleet[0].State(), BreakerState::kOpen);
    EXPECT_EQ(fleet[0].Acquire().reason, BreakerReason::kProbeFailed);
  }
  EXPECT_EQ(fleet[0].View().attempts, 4u);
  fleet.Advance(seconds(480));
  EXPECT_EQ(fleet[0].Succeed(3), 3);
  EXPECT_EQ(fleet[0].View().attempts, 0u);
}

TEST(Breakers, AProbeThatIsLostHasFailed) {
  BreakerFleet fleet(2);
  Open(fleet);
  fleet.Advance(seconds(60));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(fleet[0].Acquire().probe);
  fleet.Advance(seconds(29));
  EXPECT_EQ(fleet[1].Acquire().reason, BreakerReason::kProbesInUse);
  fleet.Advance(seconds(1));
  EXPECT_EQ(fleet[1].Acquire().reason, BreakerReason::kProbeFailed);
  EXPECT_EQ(fleet[1].View().attempts, 2u);
}

TEST(Breakers, TheProbesOfADeadPodDoNotKeepItHalfOpen) {
  BreakerFleet fleet(2);
  Open(fleet);
  fleet.Advance(seconds(60));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(fleet[0].Acquire().probe);
  fleet.Kill(0);
  fleet.Advance(seconds(30));
  EXPECT_EQ(fleet[1].Acquire().state, BreakerState::kOpen);
  fleet.Advance(minutes(2));
  EXPECT_EQ(fleet[1].Succeed(3), 3);
  EXPECT_EQ(fleet[1].State(), BreakerState::kClosed);
}

TEST(Breakers, ACallersTimeIsTheProbes) {
  BreakerFleet fleet(1);
  Open(fleet);
  fleet.Advance(seconds(60));
  coord::PermitQuery query;
  query.breaker = "b";
  query.timeout = milliseconds(100);
  ASSERT_TRUE(fleet[0].Ask(query).outcome->value()->probe);
  fleet.Advance(milliseconds(99));
  EXPECT_EQ(fleet[0].View().probes_out, 1u);
  fleet.Advance(milliseconds(1));
  EXPECT_EQ(fleet[0].View().probes_out, 0u);
  EXPECT_EQ(fleet[0].View().probes_failed, 1u);
}

TEST(Breakers, AProbeThatSaysNothingIsHadAgain) {
  BreakerFleet fleet(1);
  Open(fleet);
  fleet.Advance(seconds(60));
  for (int i = 0; i < 20; ++i) {
    const PermitAnswer probe = fleet[0].Acquire();
    ASSERT_TRUE(probe.probe) << i;
    EXPECT_TRUE(fleet[0].Report(probe, CallResult::kIgnored));
  }
  EXPECT_EQ(fleet[0].State(), BreakerState::kHalfOpen);
  EXPECT_EQ(fleet[0].Succeed(3), 3);
  EXPECT_EQ(fleet[0].State(), BreakerState::kClosed);
}

TEST(Breakers, AProbeWhoseCallersSessionEndsIsGivenBack) {
  BreakerFleet fleet(2);
  Open(fleet);
  fleet.Advance(seconds(60));
  const auto session = fleet[0].breakers().Watch({}, [](const auto&) {});
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(fleet[0].Acquire("", *session).probe);
  }
  EXPECT_FALSE(fleet[1].Acquire().allowed);
  fleet[0].breakers().Unwatch(*session);
  EXPECT_EQ(fleet[1].Succeed(3), 3);
  EXPECT_EQ(fleet[1].State(), BreakerState::kClosed);
}

TEST(Breakers, WhoStopsGivesItsProbesBack) {
  BreakerFleet fleet(2);
  Open(fleet);
  fleet.Advance(seconds(60));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(fleet[0].Acquire().probe);
  bool drained = false;
  fleet[0].breakers().Drain([&drained] { drained = true; });
  EXPECT_TRUE(drained);
  EXPECT_EQ(fleet[1].Succeed(3), 3);
}

TEST(Breakers, WhoGivesUpWaitingLeavesTheProbe) {
  BreakerFleet fleet(2);
  Open(fleet);
  fleet.Advance(seconds(60));
  fleet[0].link().HoldSwaps();
  coord::PermitQuery query;
  query.breaker = "b";
  const BreakerPod::Asked asked = fleet[0].Ask(query);
  EXPECT_FALSE(asked.outcome->has_value());
  fleet[0].breakers().Cancel(asked.ticket);
  EXPECT_TRUE(absl::IsCancelled(asked.outcome->value().status()));
  fleet[0].link().LetSwapsGo();
  EXPECT_EQ(fleet[1].View().probes_out, 0u);
  EXPECT_EQ(fleet[1].Succeed(3), 3);
}

TEST(Breakers, AnAnswerThatIsLostLosesNoProbe) {
  BreakerFleet fleet(2);
  Open(fleet);
  fleet.Advance(seconds(60));
  fleet[0].link().LoseAnswers(true);
  const PermitAnswer answer = fleet[0].Acquire();
  EXPECT_FALSE(answer.allowed);
  EXPECT_TRUE(answer.degraded);
  EXPECT_EQ(fleet[1].View().probes_out, 1u);
  fleet[0].link().LoseAnswers(false);
  fleet.Advance(milliseconds(500));
  EXPECT_EQ(fleet[1].View().probes_out, 0u);
  EXPECT_EQ(fleet[0].Succeed(3), 3);
}

TEST(Breakers, LateDoubledAndOlderReportsDoNotCount) {
  BreakerFleet fleet(1);
  const PermitAnswer first = fleet[0].Acquire();
  EXPECT_TRUE(fleet[0].Report(first, CallResult::kFailure));
  EXPECT_FALSE(fleet[0].Report(first, CallResult::kFailure)) << "doubled";
  const PermitAnswer late = fleet[0].Acquire();
  const PermitAnswer older = fleet[0].Acquire();
  fleet.Advance(seconds(61));
  EXPECT_FALSE(fleet[0].Report(late, CallResult::kFailure)) << "late";
  PermitAnswer unknown = older;
  unknown.permit += 1000;
  EXPECT_FALSE(fleet[0].Report(unknown, CallResult::kFailure));
  const PermitAnswer hanging = fleet[0].Acquire();
  fleet[0].Fail(5);
  fleet.Advance(seconds(61));
  EXPECT_EQ(fleet[0].Succeed(3), 3);
  EXPECT_FALSE(fleet[0].Report(hanging, CallResult::kFailure)) << "older";
  EXPECT_EQ(fleet[0].View().pod.seen.calls, 0u);
}

TEST(Breakers, StubsReportWithAGenerationAlone) {
  BreakerFleet fleet(1);
  coord::CallOutcome outcome;
  outcome.breaker = "b";
  outcome.result = CallResult::kFailure;
  outcome.count = 4;
  outcome.generation = fleet[0].View().generation;
  EXPECT_EQ(fleet[0].breakers().Report({outcome}).value(), 0u);
  outcome.generation -= 1;
  EXPECT_EQ(fleet[0].breakers().Report({outcome}).value(), 4u);
  outcome.generation = 0;
  EXPECT_EQ(fleet[0].breakers().Report({outcome}).value(), 4u);
  EXPECT_EQ(fleet[0].State(), BreakerState::kClosed);
  outcome.generation = fleet[0].View().generation;
  outcome.count = 1;
  EXPECT_EQ(fleet[0].breakers().Report({outcome}).value(), 0u);
  EXPECT_EQ(fleet[0].State(), BreakerState::kOpen);
}

TEST(Breakers, NothingIsCountedIfOneOutcomeCannotBe) {
  BreakerFleet fleet(1);
  const PermitAnswer answer = fleet[0].Acquire();
  coord::CallOutcome good, bad;
  good.breaker = "b";
  good.permit = answer.permit;
  bad.breaker = "nobody";
  EXPECT_TRUE(
      absl::IsNotFound(fleet[0].breakers().Report({good, bad}).status()));
  EXPECT_TRUE(fleet[0].Report(answer, CallResult::kSuccess));
}

TEST(Breakers, TheShareGrowsAfterRecovery) {
  breaker::BreakerOptions options = TestBreaker();
  options.recover_for = seconds(10);
  BreakerFleet fleet(1, options);
  Open(fleet);
  fleet.Advance(seconds(60));
  ASSERT_EQ(fleet[0].Succeed(3), 3);
  int last = 0;
  for (const int expected : {50, 240, 430, 620, 810}) {
    const int made = fleet[0].Succeed(1000);
    EXPECT_NEAR(made, expected, 60);
    EXPECT_GT(made, last);
    last = made;
    fleet.Advance(seconds(2));
  }
  EXPECT_EQ(fleet[0].Succeed(1000), 1000);
}

TEST(Breakers, AShareThatFailsIsDampedAndThenOpensForLonger) {
  breaker::BreakerOptions options = TestBreaker();
  options.recover_for = seconds(10);
  options.consecutive_failures = 0;
  options.failure_rate = 0.9;
  options.minimum_calls = 1000;
  BreakerFleet fleet(1, options);
  fleet[0].Fail(1000);
  ASSERT_EQ(fleet[0].State(), BreakerState::kOpen);
  fleet.Advance(seconds(60));
  ASSERT_EQ(fleet[0].Succeed(3), 3);
  fleet.Advance(seconds(9));
  fleet[0].Fail(400);
  // The ramp says 0.9; what is seen says that it is too much.
  EXPECT_LT(fleet[0].View().admit_ratio, 0.1);
  EXPECT_EQ(fleet[0].State(), BreakerState::kClosed);
  EXPECT_EQ(fleet[0].View().attempts, 1u);
}

TEST(Breakers, MethodsHaveBreakersOfTheirOwnUpToABound) {
  breaker::BreakerOptions options = TestBreaker();
  options.per_method = true;
  options.max_methods = 2;
  BreakerFleet fleet(2, options);
  fleet[0].Calls(5, CallResult::kFailure, "a");
  fleet[1].Calls(5, CallResult::kFailure, "a");
  EXPECT_FALSE(fleet[0].Acquire("a").allowed);
  EXPECT_TRUE(fleet[0].Acquire("b").allowed);
  EXPECT_TRUE(fleet[0].Acquire("").allowed);
  // The third shares the breaker of calls without a method.
  fleet[0].Calls(5, CallResult::kFailure, "c");
  EXPECT_FALSE(fleet[0].Acquire("").allowed);
  EXPECT_FALSE(fleet[0].Acquire("d").allowed);
  EXPECT_TRUE(fleet[0].Acquire("b").allowed);
  const auto views = fleet[0].breakers().List("").value();
  ASSERT_EQ(views.size(), 3u);
  EXPECT_EQ(views[1].key.method, "a");
  EXPECT_EQ(views[2].key.method, "b");
}

TEST(Breakers, WithMetricsOnlyAllPass) {
  breaker::BreakerOptions options = TestBreaker();
  options.metrics_only = true;
  BreakerFleet fleet(1, options);
  EXPECT_EQ(fleet[0].Fail(20), 20);
  const PermitAnswer answer = fleet[0].Acquire();
  EXPECT_TRUE(answer.allowed);
  EXPECT_EQ(answer.state, BreakerState::kMetricsOnly);
  EXPECT_NE(answer.permit, 0u);
  double would_reject = 0;
  for (const telemetry::Metric& metric : fleet[0].registry().Collect()) {
    if (std::string(metric.info->name) != "outrigger.breaker.would_reject") {
      continue;
    }
    const auto& value = metric.points.front().value;
    would_reject = std::holds_alternative<double>(value)
                       ? std::get<double>(value)
                       : static_cast<double>(std::get<int64_t>(value));
  }
  EXPECT_EQ(would_reject, 16);
}

TEST(Breakers, SteadyLoadCostsTheStoreLittle) {
  BreakerFleet fleet(4);
  const int before = fleet[0].link().commands();
  constexpr int kCalls = 20'000;
  for (int i = 0; i < kCalls; ++i) {
    // 200 calls a second, one in a hundred of which fails.
    fleet[0].Calls(1,
                   i % 100 == 50 ? CallResult::kFailure : CallResult::kSuccess);
    fleet.Advance(milliseconds(5));
  }
  EXPECT_LE(fleet[0].link().commands() - before, kCalls / 100);
  const int after = fleet[0].link().commands();
  fleet.Advance(minutes(10));
  EXPECT_LE(fleet[0].link().commands(), after + 1) << "without traffic";
}

TEST(Breakers, UnknownNamesAndLongMethodsAreRefused) {
  BreakerFleet fleet(1);
  coord::PermitQuery query;
  query.breaker = "nobody";
  EXPECT_TRUE(absl::IsNotFound(fleet[0].Ask(query).outcome->value().status()));
  query.breaker = "b";
  const std::string method(257, 'm');
  query.method = method;
  EXPECT_TRUE(
      absl::IsInvalidArgument(fleet[0].Ask(query).outcome->value().status()));
  EXPECT_TRUE(absl::IsNotFound(fleet[0].breakers().List("x").status()));
  EXPECT_TRUE(absl::IsNotFound(
      fleet[0].breakers().Watch({"x"}, [](const auto&) {}).status()));
}

TEST(Breakers, ThoseWhoWaitAreBounded) {
  BreakerFleet fleet(1);
  coord::Breakers::Settings settings;
  settings.max_parked = 2;
  BreakerPod& pod = fleet.Join(settings);
  fleet[0].Fail(5);
  fleet.Advance(seconds(60));
  pod.link().HoldSwaps();
  coord::PermitQuery query;
  query.breaker = "b";
  std::vector<BreakerPod::Asked> asked;
  for (int i = 0; i < 3; ++i) asked.push_back(pod.Ask(query));
  EXPECT_TRUE(absl::IsResourceExhausted(asked[2].outcome->value().status()));
  pod.link().LetSwapsGo();
  EXPECT_TRUE(asked[0].outcome->value()->probe);
  EXPECT_TRUE(asked[1].outcome->value()->probe);
}

TEST(Breakers, NewOptionsCountFromNowOn) {
  BreakerFleet fleet(1);
  fleet[0].Fail(4);
  breaker::BreakerOptions options = TestBreaker();
  options.consecutive_failures = 10;
  breaker::BreakerOptions other = TestBreaker();
  other.name = "other";
  fleet[0].breakers().Update({options, other});
  EXPECT_EQ(fleet[0].Fail(5), 5);
  EXPECT_EQ(fleet[0].State(), BreakerState::kClosed);
  EXPECT_EQ(fleet[0].Fail(5), 1);
  EXPECT_EQ(fleet[0].breakers().List("")->size(), 2u);
  fleet[0].breakers().Update({other});
  coord::PermitQuery query;
  query.breaker = "b";
  EXPECT_TRUE(absl::IsNotFound(fleet[0].Ask(query).outcome->value().status()));
}

}  // namespace
}  // namespace outrigger
