// Breakers whose store is out of reach, or has forgotten; and what is set by
// hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "breaker/record.h"
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

// Whether it was degraded.
bool Force(BreakerPod& pod, BreakerState state, absl::string_view method = "") {
  std::optional<absl::StatusOr<bool>> degraded;
  pod.breakers().Force("b", method, state,
                       [&degraded](auto answer) { degraded = answer; });
  return degraded->value();
}
bool Reset(BreakerPod& pod, absl::string_view method = "") {
  std::optional<absl::StatusOr<bool>> degraded;
  pod.breakers().Reset("b", method,
                       [&degraded](auto answer) { degraded = answer; });
  return degraded->value();
}

void CutAll(BreakerFleet& fleet) {
  for (int i = 0; i < fleet.size(); ++i) fleet[i].link().Cut();
}
void MendAll(BreakerFleet& fleet) {
  for (int i = 0; i < fleet.size(); ++i) fleet[i].link().Mend();
}

TEST(BreakerOutage, APodDecidesByItselfAndSaysSo) {
  BreakerFleet fleet(2);
  CutAll(fleet);
  fleet[0].Succeed(1);
  fleet.Advance(seconds(3));  // a report fails
  EXPECT_TRUE(fleet[0].Acquire().degraded);
  EXPECT_EQ(fleet[0].Fail(10), 5);
  const PermitAnswer answer = fleet[0].Acquire();
  EXPECT_FALSE(answer.allowed);
  EXPECT_TRUE(answer.degraded);
  EXPECT_EQ(fleet[1].State(), BreakerState::kClosed);
  fleet.Advance(seconds(60));
  EXPECT_EQ(fleet[0].Succeed(3), 3);
  EXPECT_EQ(fleet[0].State(), BreakerState::kClosed);
}

TEST(BreakerOutage, WhatTheFleetKnewLastStays) {
  BreakerFleet fleet(2);
  fleet[0].Fail(5);
  CutAll(fleet);
  EXPECT_FALSE(fleet[1].Acquire().allowed);
  fleet.Advance(seconds(60));
  // A store that is silent for less than a second is no reason for probes.
  const PermitAnswer answer = fleet[1].Acquire();
  EXPECT_FALSE(answer.allowed);
  EXPECT_TRUE(answer.degraded);
  EXPECT_GT(answer.retry_after, Duration::zero());
  EXPECT_LE(answer.retry_after, seconds(1));
  fleet.Advance(answer.retry_after);
  EXPECT_TRUE(fleet[1].Acquire().probe);
}

TEST(BreakerOutage, EachPodProbesByItsShareAndTheFleetsRecordWins) {
  breaker::BreakerOptions options = TestBreaker();
  options.half_open_probes = 6;
  BreakerFleet fleet(3, options);
  for (int i = 0; i < 3; ++i) fleet[i].Succeed(1);
  fleet.Advance(milliseconds(1));
  for (int i = 0; i < 3; ++i) fleet[i].Succeed(1);
  fleet.Advance(seconds(3));
  for (int i = 0; i < 3; ++i) fleet[i].Fail(5);
  ASSERT_EQ(fleet[2].State(), BreakerState::kOpen);
  ASSERT_FALSE(fleet[2].View().isolated);
  CutAll(fleet);
  fleet.Advance(seconds(60));
  (void)fleet[2].Acquire();
  fleet.Advance(seconds(1));
  std::vector<PermitAnswer> probes;
  for (int i = 0; i < 5; ++i) {
    const PermitAnswer answer = fleet[2].Acquire();
    if (answer.allowed) probes.push_back(answer);
  }
  EXPECT_EQ(probes.size(), 2u) << "6 probes, 3 pods";
  for (const PermitAnswer& probe : probes) {
    EXPECT_TRUE(fleet[2].Report(probe, CallResult::kSuccess));
  }
  EXPECT_EQ(fleet[2].State(), BreakerState::kClosed);
  // Back: the fleet is still open, and probes together.
  MendAll(fleet);
  EXPECT_EQ(fleet[2].State(), BreakerState::kOpen);
  EXPECT_FALSE(fleet[2].View().degraded);
  EXPECT_EQ(fleet[2].Succeed(6), 6);
  EXPECT_EQ(fleet[0].State(), BreakerState::kClosed);
}

TEST(BreakerOutage, EvidenceGoesOutWhenTheStoreIsBack) {
  BreakerFleet fleet(2);
  CutAll(fleet);
  fleet[0].Fail(5);
  fleet[1].Fail(5);
  EXPECT_TRUE(fleet[0].View().isolated);
  MendAll(fleet);
  fleet.Advance(seconds(1));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(fleet[i].State(), BreakerState::kOpen);
    EXPECT_FALSE(fleet[i].View().isolated) << i;
  }
}

TEST(BreakerOutage, AProbeThatWasOutIsReportedAfterwards) {
  BreakerFleet fleet(2);
  fleet[0].Fail(5);
  fleet.Advance(seconds(60));
  const PermitAnswer probe = fleet[0].Acquire();
  ASSERT_TRUE(probe.probe);
  fleet[0].link().Cut();
  EXPECT_TRUE(fleet[0].Report(probe, CallResult::kSuccess));
  EXPECT_EQ(fleet[1].View().probes_out, 1u);
  fleet[0].link().Mend();
  EXPECT_EQ(fleet[1].View().probes_out, 0u);
  EXPECT_EQ(fleet[1].View().probes_succeeded, 1u);
}

TEST(BreakerOutage, TheStoreIsAskedAgainWithoutTraffic) {
  BreakerFleet fleet(1);
  fleet[0].link().Cut();
  fleet[0].Fail(5);
  EXPECT_TRUE(fleet[0].View().degraded);
  const int before = fleet[0].link().commands();
  fleet.Advance(seconds(10));
  EXPECT_EQ(fleet[0].link().commands(), before) << "known to be out of reach";
  fleet[0].link().Mend();
  EXPECT_FALSE(fleet[0].View().degraded);
  fleet[0].link().LoseAnswers(true);
  fleet[0].Succeed(1);
  (void)Force(fleet[0], BreakerState::kForcedClosed);
  EXPECT_TRUE(fleet[0].View().degraded);
  fleet[0].link().LoseAnswers(false);
  fleet.Advance(seconds(1));
  EXPECT_FALSE(fleet[0].View().degraded);
}

TEST(BreakerOutage, AStoreThatForgetsIsToldAgain) {
  BreakerFleet fleet(3);
  fleet[0].Fail(5);
  fleet.shared().Flush();
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(fleet[i].Acquire().allowed) << i;
  }
  EXPECT_FALSE(fleet.Join().Acquire().allowed) << "so a new pod hears of it";
  fleet.Advance(seconds(60));
  fleet.shared().Flush();
  EXPECT_EQ(fleet[1].Succeed(3), 3);
  fleet.shared().Flush();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(fleet[i].State(), BreakerState::kClosed) << i;
  }
}

TEST(BreakerOutage, ADamagedRecordIsNone) {
  BreakerFleet fleet(1);
  fleet[0].Fail(5);
  const uint64_t revision = [&] {
    uint64_t seen = 0;
    fleet.shared().Read({"b", ""},
                        [&seen](auto reply) { seen = reply->record.revision; });
    return seen;
  }();
  fleet.shared().Swap({{"b", ""}, revision, 0, "nonsense", 0}, [](auto) {});
  // Who knows better puts it right; a new pod would take it for none.
  EXPECT_FALSE(fleet[0].Acquire().allowed);
  EXPECT_FALSE(fleet.Join().Acquire().allowed);
}

TEST(BreakerOutage, AStoreWhoseClockIsBehindKeepsNothingOpenLonger) {
  BreakerFleet fleet(2);
  fleet[0].Fail(5);
  std::optional<store::BreakerRecord> record;
  fleet.shared().Read({"b", ""},
                      [&record](auto reply) { record = reply->record; });
  breaker::Record ahead = *breaker::Decode(record->bytes);
  ahead.opened_at_us += ToMicros(hours(1));
  ahead.until_us += ToMicros(hours(1));
  fleet.shared().Swap(
      {{"b", ""}, record->revision, 0, breaker::Encode(ahead), 0}, [](auto) {});
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(fleet[i].View().retry_after, seconds(60)) << i;
  }
  fleet.Advance(seconds(60));
  EXPECT_EQ(fleet[1].Succeed(3), 3);
  EXPECT_EQ(fleet[0].State(), BreakerState::kClosed);
}

TEST(BreakerByHand, HoldsForAllAndOutlivesThePodThatSetIt) {
  BreakerFleet fleet(2);
  EXPECT_FALSE(Force(fleet[0], BreakerState::kForcedOpen));
  PermitAnswer answer = fleet[1].Acquire();
  EXPECT_FALSE(answer.allowed);
  EXPECT_EQ(answer.state, BreakerState::kForcedOpen);
  EXPECT_EQ(answer.reason, BreakerReason::kForced);
  EXPECT_EQ(answer.retry_after, Duration::zero());
  fleet.Kill(0);
  fleet.Advance(hours(48));
  fleet.shared().Flush();
  EXPECT_FALSE(fleet.Join().Acquire().allowed);
  EXPECT_FALSE(Force(fleet[1], BreakerState::kClosed));
  EXPECT_TRUE(fleet[2].Acquire().allowed);
}

TEST(BreakerByHand, ForcedClosedPassesWhateverIsCounted) {
  BreakerFleet fleet(2);
  EXPECT_FALSE(Force(fleet[0], BreakerState::kForcedClosed));
  EXPECT_EQ(fleet[1].Fail(100), 100);
  EXPECT_EQ(fleet[1].Acquire().state, BreakerState::kForcedClosed);
  EXPECT_FALSE(Force(fleet[1], BreakerState::kClosed));
  EXPECT_EQ(fleet[0].Fail(100), 5);
}

TEST(BreakerByHand, EndingItLeavesTheRest) {
  BreakerFleet fleet(1);
  fleet[0].Fail(5);
  (void)Force(fleet[0], BreakerState::kForcedClosed);
  EXPECT_TRUE(fleet[0].Acquire().allowed);
  (void)Force(fleet[0], BreakerState::kClosed);
  EXPECT_EQ(fleet[0].State(), BreakerState::kOpen);
}

TEST(BreakerByHand, ResetClosesAndForgets) {
  BreakerFleet fleet(2);
  fleet[0].Fail(5);
  EXPECT_FALSE(Reset(fleet[1]));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(fleet[i].State(), BreakerState::kClosed);
    EXPECT_EQ(fleet[i].View().attempts, 0u);
    EXPECT_EQ(fleet[i].View().pod.seen.calls, 0u);
    EXPECT_EQ(fleet[i].View().message, "");
  }
  // Also for a pod that is open for itself.
  for (int i = 0; i < 2; ++i) fleet[i].Succeed(1);
  fleet.Advance(milliseconds(1));
  fleet[0].Fail(5);
  ASSERT_TRUE(fleet[0].View().isolated);
  EXPECT_FALSE(Reset(fleet[1]));
  EXPECT_EQ(fleet[0].State(), BreakerState::kClosed);
}

TEST(BreakerByHand, WithoutTheStoreItHoldsHereAndThenForAll) {
  BreakerFleet fleet(2);
  fleet[0].link().Cut();
  EXPECT_TRUE(Force(fleet[0], BreakerState::kForcedOpen));
  EXPECT_FALSE(fleet[0].Acquire().allowed);
  EXPECT_TRUE(fleet[1].Acquire().allowed);
  // In the meantime the fleet's record is another.
  fleet[1].Fail(5);
  fleet[0].link().Mend();
  fleet.Advance(seconds(1));
  EXPECT_EQ(fleet[1].State(), BreakerState::kForcedOpen);
}

// Both pods', when the first, which was cut off, is back.
void ExpectAfterwards(BreakerFleet& fleet, BreakerState state) {
  fleet.Advance(seconds(2));
  fleet[0].link().Mend();
  fleet.Advance(seconds(2));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(fleet[i].State(), state) << i;
}

TEST(BreakerByHand, ANewerOneThatReachedTheStoreWins) {
  BreakerFleet fleet(2);
  fleet[0].link().Cut();
  EXPECT_TRUE(Force(fleet[0], BreakerState::kForcedOpen));
  fleet.Advance(seconds(2));
  EXPECT_FALSE(Force(fleet[1], BreakerState::kForcedClosed));
  ExpectAfterwards(fleet, BreakerState::kForcedClosed);
  fleet[0].link().Cut();
  EXPECT_TRUE(Force(fleet[0], BreakerState::kForcedOpen));
  fleet.Advance(seconds(2));
  EXPECT_FALSE(Reset(fleet[1]));
  ExpectAfterwards(fleet, BreakerState::kClosed);
  fleet[0].link().Cut();
  EXPECT_TRUE(Reset(fleet[0]));
  fleet.Advance(seconds(2));
  EXPECT_FALSE(Force(fleet[1], BreakerState::kForcedOpen));
  ExpectAfterwards(fleet, BreakerState::kForcedOpen);
}

TEST(BreakerByHand, AnOlderOneThatReachedTheStoreDoesNot) {
  BreakerFleet fleet(2);
  fleet[0].link().Cut();
  EXPECT_FALSE(Force(fleet[1], BreakerState::kForcedOpen));
  fleet.Advance(seconds(2));
  EXPECT_TRUE(Force(fleet[0], BreakerState::kForcedClosed));
  ExpectAfterwards(fleet, BreakerState::kForcedClosed);
  fleet[0].link().Cut();
  EXPECT_FALSE(Force(fleet[1], BreakerState::kForcedOpen));
  fleet[0].Succeed(1);
  fleet.Advance(seconds(3));  // a report fails
  // As far as this pod knows this changes nothing.
  EXPECT_TRUE(Force(fleet[0], BreakerState::kForcedClosed));
  ExpectAfterwards(fleet, BreakerState::kForcedClosed);
}

// Its swap is under way when it hears of the newer one.
TEST(BreakerByHand, ANewerOneWinsOverASwapThatIsUnderWay) {
  BreakerFleet fleet(2);
  fleet[0].link().Cut();
  EXPECT_TRUE(Force(fleet[0], BreakerState::kForcedOpen));
  fleet.Advance(seconds(2));
  fleet[0].link().HoldSwaps();
  fleet[0].link().Mend();
  fleet[0].Succeed(1);
  fleet.Advance(seconds(2));
  EXPECT_FALSE(Force(fleet[1], BreakerState::kForcedClosed));
  EXPECT_EQ(fleet[0].State(), BreakerState::kForcedClosed);
  fleet[0].link().LetSwapsGo();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(fleet[i].State(), BreakerState::kForcedClosed) << i;
  }
}

TEST(BreakerByHand, WhatWaitsForTheStoreIsOnlyWhatStillCounts) {
  BreakerFleet fleet(2);
  fleet[0].link().Cut();
  EXPECT_TRUE(Force(fleet[0], BreakerState::kMetricsOnly));
  EXPECT_TRUE(Reset(fleet[0]));
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(Force(fleet[0], i % 2 == 0 ? BreakerState::kForcedClosed
                                           : BreakerState::kForcedOpen));
  }
  fleet.Advance(seconds(1));
  fleet[0].link().Mend();
  EXPECT_EQ(fleet[1].State(), BreakerState::kForcedOpen);
  // Each change is a generation, and the time in microseconds is the first.
  const auto now_us = static_cast<uint64_t>(
      ToMicros(fleet.clock().WallNow().time_since_epoch()));
  EXPECT_LE(fleet[1].View().generation, now_us + 2);
}

TEST(BreakerByHand, MethodsInheritIt) {
  breaker::BreakerOptions options = TestBreaker();
  options.per_method = true;
  BreakerFleet fleet(2, options);
  ASSERT_TRUE(fleet[1].Acquire("known").allowed);
  (void)Force(fleet[0], BreakerState::kForcedOpen);
  EXPECT_FALSE(fleet[1].Acquire("known").allowed);
  EXPECT_FALSE(fleet[1].Acquire("new").allowed);
  (void)Force(fleet[0], BreakerState::kClosed);
  EXPECT_TRUE(fleet[1].Acquire("known").allowed);
  EXPECT_TRUE(fleet[1].Acquire("new").allowed);
  (void)Force(fleet[0], BreakerState::kForcedOpen, "one");
  EXPECT_FALSE(fleet[0].Acquire("one").allowed);
  EXPECT_FALSE(fleet[1].Acquire("one").allowed);
  EXPECT_TRUE(fleet[1].Acquire("known").allowed);
}

TEST(BreakerByHand, ResetReachesMethodsThatThePodDoesNotKnow) {
  breaker::BreakerOptions options = TestBreaker();
  options.per_method = true;
  BreakerFleet fleet(2, options);
  fleet[1].Calls(5, CallResult::kFailure, "m");
  ASSERT_FALSE(fleet[1].Acquire("m").allowed);
  EXPECT_FALSE(Reset(fleet[0]));
  EXPECT_TRUE(fleet[1].Acquire("m").allowed);
  EXPECT_TRUE(fleet[0].Acquire("m").allowed);
}

TEST(BreakerByHand, RefusesWhatCannotBeSet) {
  BreakerFleet fleet(1);
  absl::Status status;
  fleet[0].breakers().Force("b", "", BreakerState::kOpen,
                            [&](auto answer) { status = answer.status(); });
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  fleet[0].breakers().Reset("x", "",
                            [&](auto answer) { status = answer.status(); });
  EXPECT_TRUE(absl::IsNotFound(status));
}

class Watching {
 public:
  explicit Watching(BreakerPod& pod, std::vector<std::string> names = {})
      : pod_(pod),
        ticket_(*pod.breakers().Watch(std::move(names),
                                      [this](const coord::WatchedBreaker& now) {
                                        seen.push_back(now);
                                      })) {}
  ~Watching() { pod_.breakers().Unwatch(ticket_); }

  std::vector<coord::WatchedBreaker> seen;
  const coord::WatchedBreaker& last() const { return seen.back(); }

 private:
  BreakerPod& pod_;
  const coord::Breakers::Ticket ticket_;
};

TEST(BreakerWatch, HearsOfEachChangeAndAgainInTime) {
  BreakerFleet fleet(2);
  Watching watching(fleet[1]);
  ASSERT_EQ(watching.seen.size(), 1u);
  EXPECT_EQ(watching.last().state, BreakerState::kClosed);
  EXPECT_EQ(watching.last().admit_ratio, 1);
  const uint64_t first = watching.last().generation;
  fleet.Advance(seconds(10));
  EXPECT_GE(watching.seen.size(), 10u) << "before valid_for has passed";
  fleet[0].Fail(5);
  EXPECT_EQ(watching.last().state, BreakerState::kOpen);
  EXPECT_EQ(watching.last().admit_ratio, 0);
  EXPECT_GT(watching.last().generation, first);
  EXPECT_EQ(watching.last().retry_after, seconds(60));
  fleet.Advance(seconds(60));
  EXPECT_EQ(watching.last().valid_for, Duration::zero()) << "ask for a probe";
  fleet[0].Succeed(3);
  EXPECT_EQ(watching.last().state, BreakerState::kClosed);
}

TEST(BreakerWatch, FollowsTheRamp) {
  breaker::BreakerOptions options = TestBreaker();
  options.recover_for = seconds(10);
  BreakerFleet fleet(1, options);
  Watching watching(fleet[0]);
  fleet[0].Fail(5);
  fleet.Advance(seconds(60));
  fleet[0].Succeed(3);
  watching.seen.clear();
  fleet.Advance(seconds(12));
  EXPECT_GE(watching.seen.size(), 90u);
  double last = 0;
  for (const auto& seen : watching.seen) {
    EXPECT_GE(seen.admit_ratio, last);
    last = seen.admit_ratio;
    EXPECT_LE(seen.valid_for, last < 1 ? milliseconds(200) : seconds(2));
    EXPECT_EQ(seen.reason, last < 1 ? coord::BreakerReason::kRecovering
                                    : coord::BreakerReason::kNone);
  }
  EXPECT_EQ(last, 1);
}

TEST(BreakerWatch, OnlyWhatWasAskedForAndNotAfterItsEnd) {
  BreakerFleet fleet(1);
  breaker::BreakerOptions other = TestBreaker();
  other.name = "other";
  fleet[0].breakers().Update({TestBreaker(), other});
  {
    Watching watching(fleet[0], {"other"});
    fleet[0].Fail(5);
    for (const auto& seen : watching.seen) EXPECT_EQ(seen.breaker, "other");
  }
  fleet.Advance(minutes(1));
  const size_t timers = fleet.executor().waiting();
  fleet.Advance(minutes(1));
  EXPECT_LE(fleet.executor().waiting(), timers) << "nobody is told any more";
}

TEST(BreakerWatch, IsBounded) {
  BreakerFleet fleet(1);
  coord::Breakers::Settings settings;
  settings.max_watches = 1;
  BreakerPod& pod = fleet.Join(settings);
  Watching watching(pod);
  EXPECT_TRUE(absl::IsResourceExhausted(
      pod.breakers().Watch({}, [](const auto&) {}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      pod.breakers()
          .Watch(std::vector<std::string>(257, "b"), [](const auto&) {})
          .status()));
}

}  // namespace
}  // namespace outrigger
