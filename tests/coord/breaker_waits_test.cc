// Breakers whose callers go while they wait, whose pods stop, and what is taken
// out of the configuration.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/support/breaker_fleet.h"

namespace outrigger {
namespace {

using coord::BreakerReason;
using coord::BreakerState;
using coord::CallResult;
using coord::PermitAnswer;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::StartsWith;

// Open, and its wait is over.
void OpenAndWait(BreakerFleet& fleet) {
  for (int i = 0; i < fleet.size(); ++i) fleet[i].Fail(5);
  fleet.Advance(seconds(60));
}

coord::PermitQuery Query(Duration timeout = {}, uint64_t session = 0) {
  coord::PermitQuery query;
  query.breaker = "b";
  query.timeout = timeout;
  query.session = session;
  return query;
}

breaker::BreakerOptions Other() {
  breaker::BreakerOptions other = TestBreaker();
  other.name = "other";
  return other;
}

absl::Status ForceOpen(BreakerPod& pod, absl::string_view method = "") {
  absl::Status status;
  pod.breakers().Force("b", method, BreakerState::kForcedOpen,
                       [&status](auto answer) { status = answer.status(); });
  return status;
}

TEST(BreakerWaits, WhoseSessionEndsMeanwhileIsRefused) {
  BreakerFleet fleet(2);
  OpenAndWait(fleet);
  const auto session = fleet[0].breakers().Watch({}, [](const auto&) {});
  fleet[0].link().HoldSwaps();
  const BreakerPod::Asked asked = fleet[0].Ask(Query({}, *session));
  fleet[0].breakers().Unwatch(*session);
  ASSERT_FALSE(asked.outcome->has_value());
  fleet[0].link().LetSwapsGo();
  EXPECT_FALSE(asked.outcome->value()->allowed);
  EXPECT_EQ(fleet[1].View().probes_out, 0u);
  EXPECT_EQ(fleet[1].Succeed(3), 3);
}

TEST(BreakerWaits, AProbeThatComesTooLateIsRefused) {
  BreakerFleet fleet(2);
  OpenAndWait(fleet);
  fleet[0].link().HoldSwaps();
  const BreakerPod::Asked asked = fleet[0].Ask(Query(milliseconds(20)));
  const int before = fleet[0].link().swaps();
  fleet.Advance(milliseconds(20));
  fleet[0].link().LetSwapsGo();
  EXPECT_FALSE(asked.outcome->value()->allowed);
  EXPECT_EQ(asked.outcome->value()->reason, BreakerReason::kProbesInUse);
  EXPECT_LE(fleet[0].link().swaps(), before + 1) << "only to give it back";
  EXPECT_EQ(fleet[1].Succeed(3), 3);
}

TEST(BreakerWaits, AProbeHasTenMillisecondsAtLeast) {
  BreakerFleet fleet(1);
  OpenAndWait(fleet);
  ASSERT_TRUE(fleet[0].Ask(Query(microseconds(1))).outcome->value()->probe);
  fleet.Advance(milliseconds(9));
  EXPECT_EQ(fleet[0].View().probes_out, 1u);
  fleet.Advance(milliseconds(1));
  EXPECT_EQ(fleet[0].View().probes_failed, 1u);
}

TEST(BreakerWaits, WhoStopsGivesBackWhatComesMeanwhileToo) {
  BreakerFleet fleet(2);
  OpenAndWait(fleet);
  fleet[0].link().HoldSwaps();
  const BreakerPod::Asked asked = fleet[0].Ask(Query());
  std::optional<uint32_t> left;
  fleet[0].breakers().Drain([&] { left = fleet[1].View().probes_out; });
  EXPECT_FALSE(asked.outcome->value()->allowed);
  EXPECT_FALSE(left.has_value());
  fleet[0].link().LetSwapsGo();
  EXPECT_EQ(left, 0u);
}

TEST(BreakerWaits, OnlyWhatIsAMethodsOwnIsSetByHand) {
  BreakerFleet whole(1);
  EXPECT_TRUE(absl::IsInvalidArgument(ForceOpen(whole[0], "m")));
  EXPECT_TRUE(whole[0].Acquire().allowed);
  breaker::BreakerOptions options = TestBreaker();
  options.per_method = true;
  options.max_methods = 1;
  BreakerFleet fleet(1, options);
  EXPECT_TRUE(ForceOpen(fleet[0], "m").ok());
  EXPECT_TRUE(absl::IsResourceExhausted(ForceOpen(fleet[0], "n")));
  absl::Status status;
  fleet[0].breakers().Reset("b", "n",
                            [&](auto answer) { status = answer.status(); });
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_FALSE(fleet[0].Acquire("m").allowed);
  EXPECT_TRUE(fleet[0].Acquire("n").allowed);
}

TEST(BreakerWaits, WhatIsConfiguredAgainKnowsWhatItHasMissed) {
  breaker::BreakerOptions options = TestBreaker();
  options.per_method = true;
  BreakerFleet fleet(2, options);
  ASSERT_TRUE(fleet[0].Acquire("m").allowed);
  fleet[0].breakers().Update({Other()});
  EXPECT_TRUE(ForceOpen(fleet[1]).ok());
  fleet[0].breakers().Update({options});
  EXPECT_FALSE(fleet[0].Acquire().allowed);
  EXPECT_FALSE(fleet[0].Acquire("m").allowed);
}

TEST(BreakerWaits, WhatIsNoLongerConfiguredGivesItsProbesBack) {
  BreakerFleet fleet(3);
  OpenAndWait(fleet);
  const auto session = fleet[0].breakers().Watch({}, [](const auto&) {});
  ASSERT_TRUE(fleet[0].Acquire("", *session).probe);
  ASSERT_TRUE(fleet[1].Acquire().probe);
  for (int i = 0; i < 2; ++i) fleet[i].breakers().Update({Other()});
  EXPECT_EQ(fleet[2].View().probes_out, 2u);
  fleet[0].breakers().Unwatch(*session);
  EXPECT_EQ(fleet[2].View().probes_out, 1u);
  bool drained = false;
  fleet[1].breakers().Drain([&drained] { drained = true; });
  EXPECT_TRUE(drained);
  EXPECT_EQ(fleet[2].View().probes_out, 0u);
}

TEST(BreakerWaits, AnOutcomeThatCannotBeSaysWhichItIs) {
  BreakerFleet fleet(1);
  coord::CallOutcome good, unknown, wordy;
  const std::string method(257, 'm');
  good.breaker = wordy.breaker = "b";
  unknown.breaker = "nobody";
  wordy.method = method;
  const absl::Status missing =
      fleet[0].breakers().Report({good, unknown}).status();
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_THAT(std::string(missing.message()),
              StartsWith("outcomes[1].breaker: there is no"));
  const absl::Status longest =
      fleet[0].breakers().Report({good, good, wordy}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(longest));
  EXPECT_THAT(std::string(longest.message()),
              StartsWith("outcomes[2].method: must be at most"));
}

}  // namespace
}  // namespace outrigger
