// Breakers whose store answers some and not others: it is read but takes
// nothing, is gone for a part of the keys, or does not tell of changes.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/breaker_fleet.h"

namespace outrigger {
namespace {

using coord::BreakerState;
using coord::CallResult;
using coord::PermitAnswer;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

breaker::BreakerOptions Named(const std::string& name) {
  breaker::BreakerOptions options = TestBreaker();
  options.name = name;
  return options;
}

PermitAnswer AcquireOf(BreakerPod& pod, absl::string_view name) {
  coord::PermitQuery query;
  query.breaker = name;
  return pod.Ask(query).outcome->value().value();
}

void ReportOf(BreakerPod& pod, absl::string_view name,
              const PermitAnswer& answer, CallResult result) {
  coord::CallOutcome outcome;
  outcome.breaker = name;
  outcome.permit = answer.permit;
  outcome.generation = answer.generation;
  outcome.result = result;
  (void)pod.breakers().Report({outcome});
}

void FailOf(BreakerPod& pod, absl::string_view name) {
  for (int i = 0; i < 5; ++i) {
    ReportOf(pod, name, AcquireOf(pod, name), CallResult::kFailure);
  }
}

BreakerState StateOf(BreakerPod& pod, absl::string_view name) {
  return pod.breakers().List(name)->front().state;
}

void Force(BreakerPod& pod, BreakerState state) {
  pod.breakers().Force("b", "", state, [](const auto&) {});
}

TEST(BreakerWrites, WhereNothingIsTakenThePodGoesAlone) {
  BreakerFleet fleet(2);
  fleet[0].Fail(5);
  fleet[0].link().RefuseWrites(true);
  fleet.Advance(seconds(60));
  PermitAnswer answer = fleet[0].Acquire();
  EXPECT_FALSE(answer.allowed);
  EXPECT_TRUE(answer.degraded);
  // All that is read meanwhile is answered.
  fleet.Advance(seconds(1));
  EXPECT_EQ(fleet[0].Succeed(3), 3);
  EXPECT_EQ(fleet[0].State(), BreakerState::kClosed);
  fleet.Advance(seconds(10));
  EXPECT_EQ(fleet[0].State(), BreakerState::kClosed);
  EXPECT_TRUE(fleet[0].Acquire().degraded);
  fleet[0].link().RefuseWrites(false);
  fleet.Advance(seconds(1));
  EXPECT_EQ(fleet[0].State(), BreakerState::kOpen) << "the fleet's";
  EXPECT_FALSE(fleet[0].View().degraded);
  EXPECT_EQ(fleet[0].Succeed(3), 3);
  EXPECT_EQ(fleet[1].State(), BreakerState::kClosed);
}

TEST(BreakerWrites, WhatIsRefusedIsNotTriedWithoutEnd) {
  BreakerFleet fleet(1);
  fleet[0].Fail(5);
  fleet[0].link().RefuseWrites(true);
  fleet.Advance(seconds(60));
  (void)fleet[0].Acquire();
  const int before = fleet[0].link().commands();
  fleet.Advance(seconds(100));
  EXPECT_LE(fleet[0].link().commands() - before, 1000);
  EXPECT_GE(fleet[0].link().commands() - before, 200);
}

TEST(BreakerWrites, WhatAPartOfTheStoreSaysIsNotOfTheOther) {
  BreakerFleet fleet(1);
  BreakerPod& pod = fleet[0];
  pod.breakers().Update({Named("b"), Named("x"), Named("y")});
  FailOf(pod, "x");
  FailOf(pod, "y");
  pod.link().Lose({"x", "y"});
  fleet.Advance(seconds(60));
  for (const auto* name : {"x", "y"}) {
    EXPECT_FALSE(AcquireOf(pod, name).allowed);
  }
  // The other part answers all the while.
  for (int i = 0; i < 20; ++i) {
    Force(pod, i % 2 == 0 ? BreakerState::kForcedClosed
                          : BreakerState::kMetricsOnly);
    fleet.Advance(milliseconds(100));
  }
  for (const auto* name : {"x", "y"}) {
    for (int i = 0; i < 3; ++i) {
      const PermitAnswer probe = AcquireOf(pod, name);
      EXPECT_TRUE(probe.probe) << name;
      ReportOf(pod, name, probe, CallResult::kSuccess);
    }
    EXPECT_EQ(StateOf(pod, name), BreakerState::kClosed) << name;
  }
  // Each is asked in its turn: x does not keep y from being heard.
  pod.link().Lose({"x"});
  fleet.Advance(seconds(2));
  EXPECT_EQ(StateOf(pod, "x"), BreakerState::kClosed);
  EXPECT_EQ(StateOf(pod, "y"), BreakerState::kOpen);
  pod.link().Lose({});
  fleet.Advance(seconds(2));
  EXPECT_EQ(StateOf(pod, "x"), BreakerState::kOpen);
}

TEST(BreakerWrites, APodAloneThatHasRecoveredOpensAgain) {
  BreakerFleet fleet(1);
  fleet[0].Fail(5);
  fleet[0].link().Cut();
  fleet.Advance(seconds(60));
  (void)fleet[0].Acquire();
  fleet.Advance(seconds(1));
  ASSERT_EQ(fleet[0].Succeed(3), 3);
  ASSERT_EQ(fleet[0].State(), BreakerState::kClosed);
  EXPECT_EQ(fleet[0].Fail(10), 5);
  EXPECT_EQ(fleet[0].State(), BreakerState::kOpen);
  fleet.Advance(minutes(2));
  EXPECT_EQ(fleet[0].Succeed(3), 3);
}

TEST(BreakerWrites, WhatIsForcedIsNotOpenedBeneath) {
  BreakerFleet fleet(8);
  Force(fleet[0], BreakerState::kForcedClosed);
  const uint64_t generation = fleet[0].View().generation;
  // None trips by itself; all together they would.
  for (int i = 0; i < 8; ++i) {
    fleet[i].Fail(4);
    fleet.Advance(milliseconds(300));
  }
  EXPECT_EQ(fleet[0].View().generation, generation);
  Force(fleet[0], BreakerState::kClosed);
  EXPECT_EQ(fleet[0].State(), BreakerState::kClosed);
}

TEST(BreakerWrites, WhatWasToOpenTheFleetLongAgoDoesNot) {
  BreakerFleet fleet(1);
  fleet[0].link().RefuseSwaps(true);
  fleet[0].Fail(5);
  EXPECT_EQ(fleet[0].State(), BreakerState::kOpen);
  fleet[0].link().Cut();
  fleet[0].link().RefuseSwaps(false);
  fleet.Advance(minutes(1));
  ASSERT_EQ(fleet[0].Succeed(3), 3);
  fleet[0].link().Mend();
  fleet.Advance(seconds(10));
  EXPECT_EQ(fleet[0].State(), BreakerState::kClosed);
  EXPECT_EQ(fleet.Join().State(), BreakerState::kClosed);
}

TEST(BreakerWrites, WhatStillHoldsOpensTheFleetWhenItCan) {
  BreakerFleet fleet(2);
  for (int i = 0; i < 2; ++i) fleet[i].link().RefuseSwaps(true);
  for (int i = 0; i < 2; ++i) fleet[i].Fail(5);
  EXPECT_TRUE(fleet[0].View().isolated);
  for (int i = 0; i < 2; ++i) fleet[i].link().RefuseSwaps(false);
  fleet.Advance(seconds(1));
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(fleet[i].View().isolated) << i;
  EXPECT_EQ(fleet.Join().State(), BreakerState::kOpen);
}

TEST(BreakerWrites, WhatIsNotHeardOfIsLookedFor) {
  BreakerFleet fleet(2);
  fleet[1].link().Deafen();
  Force(fleet[0], BreakerState::kForcedOpen);
  EXPECT_TRUE(fleet[1].Acquire().allowed);
  fleet.Advance(seconds(3));
  EXPECT_FALSE(fleet[1].Acquire().allowed);
  fleet[1].link().Hear();
  const int before = fleet[1].link().commands();
  fleet.Advance(minutes(1));
  EXPECT_EQ(fleet[1].link().commands(), before) << "only while it is deaf";
}

}  // namespace
}  // namespace outrigger
