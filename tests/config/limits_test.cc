// The section `limits`: every rule, one case a line.
#include "config/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "config/config_testing.h"

namespace outrigger::config {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

using limit::Algorithm;
using limit::Coordination;
using limit::LimitConfig;
using limit::OnStoreLoss;

// A limit with the given options besides its name.
LimitConfig OneLimit(absl::string_view options) {
  const Config config =
      Good(absl::StrCat("limits: [{name: a, ", options, "}]"));
  return config.limits.size() == 1 ? config.limits.front() : LimitConfig{};
}

TEST(Limits, HaveDefaults) {
  const LimitConfig limit = OneLimit("rate: 100/1m");
  EXPECT_EQ(limit.name, "a");
  EXPECT_THAT(limit.key, ElementsAre());
  EXPECT_THAT(limit.match, ElementsAre());
  EXPECT_EQ(limit.shape.algorithm, Algorithm::kTokenBucket);
  EXPECT_EQ(limit.shape.tokens, 100);
  EXPECT_EQ(limit.shape.period_us, 60'000'000);
  EXPECT_EQ(limit.shape.burst, 100);
  EXPECT_EQ(limit.coordination, Coordination::kLeased);
  EXPECT_EQ(limit.on_store_loss, OnStoreLoss::kShare);
  EXPECT_FALSE(limit.shadow);
}

TEST(Limits, TakeEveryOption) {
  const LimitConfig limit = OneLimit(
      "key: [user, org], match: {route: '/c*', tier: '?'}, rate: 5/30s, "
      "burst: 7.5, algorithm: token_bucket, coordination: exact, "
      "on_store_loss: deny, shadow: true, overrides: ["
      "{match: {tier: gold}, rate: 10/1s, burst: 20}, "
      "{match: {user: batch}, unlimited: true}, {match: {user: x}, burst: 9}]");
  EXPECT_THAT(limit.key, ElementsAre("user", "org"));
  ASSERT_THAT(limit.match, SizeIs(2));
  EXPECT_EQ(limit.match[0].attribute, "route");
  EXPECT_EQ(limit.match[0].glob, "/c*");
  EXPECT_EQ(limit.shape.burst, 7.5);
  EXPECT_EQ(limit.coordination, Coordination::kExact);
  EXPECT_EQ(limit.on_store_loss, OnStoreLoss::kDeny);
  EXPECT_TRUE(limit.shadow);
  ASSERT_THAT(limit.overrides, SizeIs(3));
  EXPECT_EQ(limit.overrides[0].tokens, 10);
  EXPECT_EQ(limit.overrides[0].period_us, 1'000'000);
  EXPECT_EQ(limit.overrides[0].burst, 20);
  EXPECT_TRUE(limit.overrides[1].unlimited);
  EXPECT_FALSE(limit.overrides[2].tokens.has_value());
}

TEST(Limits, KnowEveryAlgorithm) {
  EXPECT_EQ(OneLimit("rate: 9/1m, algorithm: sliding_window").shape.algorithm,
            Algorithm::kSlidingWindow);
  EXPECT_EQ(
      OneLimit("rate: 9/1m, algorithm: fixed_window, burst: 9").shape.burst, 9);
  const LimitConfig adaptive = OneLimit(
      "algorithm: adaptive, adaptive: {initial: 6000/1m, floor: 10, ceiling: "
      "200/1s, increase: 5, decrease: 30%, every: 100ms}");
  EXPECT_EQ(adaptive.adaptive.initial, 100);
  EXPECT_EQ(adaptive.adaptive.floor, 10);
  EXPECT_EQ(adaptive.adaptive.ceiling, 200);
  EXPECT_EQ(adaptive.adaptive.increase, 5);
  EXPECT_EQ(adaptive.adaptive.decrease_percent, 30);
  EXPECT_EQ(adaptive.adaptive.step_every_us, 100'000);
  EXPECT_EQ(adaptive.shape.tokens, 100);
  EXPECT_EQ(adaptive.shape.period_us, 1'000'000);
  EXPECT_EQ(adaptive.shape.burst, 100);
}

TEST(Limits, NeverHaveABucketTooSmallForOneToken) {
  EXPECT_EQ(OneLimit("rate: 0.5/1s").shape.burst, 1);
  EXPECT_EQ(OneLimit("rate: 2/1s, overrides: [{match: {u: x}, rate: 0.5/1s}]")
                .overrides[0]
                .burst,
            1);
}

TEST(Limits, SayWhatIsWrongAndWhere) {
  const struct {
    const char* options;
    const char* expected;
  } kCases[] = {
      {"brust: 5, rate: 1/s",
       "f:1: column 20: limits[0].brust: unknown key (did you mean burst?)"},
      {"", "limits[0].rate: is missing; write e.g. 100/1m"},
      {"rate: 100", "f:1: column 26: limits[0].rate: '100' is not a rate"},
      {"rate: [1/s]", "limits[0].rate: must be a single value, not a list"},
      {"rate: ", "limits[0].rate: has no value"},
      {"rate: 1/0s", "limits[0].rate: '1/0s' must be per whole microseconds"},
      {"rate: 1/1us", "limits[0].rate: the period must be 1ms to 366d"},
      {"rate: 1/367d", "limits[0].rate: the period must be 1ms to 366d"},
      {"rate: 2000000000000/s", "limits[0].rate: must be more than 0 and at "},
      {"rate: 1/s, burst: x", "limits[0].burst: 'x' is not a number"},
      {"rate: 1/s, burst: -1", "limits[0].burst: '-1' is not a number"},
      {"rate: 1/s, burst: 0", "f:1: column 38: limits[0].burst: must be 1 to"},
      {"rate: 1/s, key: user", "limits[0].key: must be a list, e.g. [a, b]"},
      {"rate: 1/s, key: [a, [b]]", "limits[0].key[1]: must be a single value"},
      {"rate: 1/s, key: [a, a]", "f:1: column 40: limits[0].key[1]: is there"},
      {"rate: 1/s, key: ['']", "limits[0].key[0]: an attribute's name has 1"},
      {"rate: 1/s, match: x", "limits[0].match: must be a map, e.g."},
      {"rate: 1/s, match: {a: [b]}", "limits[0].match.a: must be a single"},
      {"rate: 1/s, match: {a: }",
       "limits[0].match.a: must be a single value, "
       "not nothing"},
      {"rate: 1/s, algorithm: leaky",
       "limits[0].algorithm: 'leaky' is not one "
       "of token_bucket, sliding_window, "
       "fixed_window, adaptive"},
      {"rate: 1/s, coordination: none", "is not one of leased, exact, local"},
      {"rate: 1/s, on_store_loss: no", "is not one of share, deny, allow"},
      {"rate: 1/s, shadow: yes",
       "limits[0].shadow: 'yes' is not one of true, "},
      {"rate: 9/s, burst: 8, algorithm: fixed_window",
       "limits[0].burst: a fixed_window has none of its own"},
      {"rate: 9/s, burst: 8, algorithm: sliding_window",
       "limits[0].burst: a sliding_window has none of its own"},
      {"rate: 0.5/s, algorithm: fixed_window",
       "limits[0].rate: a window needs at least 1"},
      {"rate: 1/s, adaptive: {floor: 1}",
       "limits[0].adaptive: is only for algorithm: adaptive"},
      {"algorithm: adaptive", "limits[0].adaptive: is missing"},
      {"algorithm: adaptive, rate: 1/s, adaptive: {floor: 1}",
       "limits[0].rate: an adaptive limit starts at adaptive.initial"},
      {"algorithm: adaptive, adaptive: {initial: 5}",
       "limits[0].adaptive.initial: must lie between floor and ceiling"},
      {"algorithm: adaptive, adaptive: {floor: 0}", "adaptive.floor: must be"},
      {"algorithm: adaptive, adaptive: {decrease: 101}",
       "limits[0].adaptive.decrease: must be more than 0 and at most 100"},
      {"algorithm: adaptive, adaptive: {every: 5}",
       "adaptive.every: '5' has no"},
      {"algorithm: adaptive, adaptive: {rise: 5}",
       "limits[0].adaptive.rise: unknown key"},
      {"rate: 1/s, overrides: {}", "limits[0].overrides: must be a list"},
      {"rate: 1/s, overrides: [x]", "limits[0].overrides[0]: must be a map"},
      {"rate: 1/s, overrides: [{match: {a: b}}]",
       "limits[0].overrides[0]: needs either unlimited: true, or a rate"},
      {"rate: 1/s, overrides: [{rate: 1/s}]",
       "limits[0].overrides[0].match: must name at least one attribute"},
      {"rate: 1/s, overrides: [{match: {a: b}, rate: 1/s, unlimited: true}]",
       "limits[0].overrides[0]: needs either unlimited: true, or a rate"},
      {"rate: 1/s, overrides: [{match: {a: b}, rate: 1/1us}]",
       "f:1: column 65: limits[0].overrides[0].rate: the period must be"},
      {"rate: 1/s, overrides: [{match: {a: b}, brst: 1}]",
       "limits[0].overrides[0].brst: unknown key (did you mean burst?)"},
  };
  for (const auto& c : kCases) {
    const std::string text =
        absl::StrCat("limits: [{name: a, ", c.options, "}]");
    EXPECT_THAT(Complaints(text), Contains(HasSubstr(c.expected))) << text;
  }
}

TEST(Limits, TellOneMistakeOnce) {
  EXPECT_THAT(Complaints("limits: [{name: a, rate: 1/0s, algorithm: x}]"),
              SizeIs(2));
}

TEST(Limits, NeedANameOfTheirOwn) {
  EXPECT_THAT(Complaints("limits:\n- rate: 1/s\n"),
              ElementsAre("f:2: column 3: limits[0].name: is missing"));
  EXPECT_THAT(
      Complaints("limits:\n- {name: a b, rate: 1/s}\n"),
      ElementsAre(HasSubstr("f:2: column 10: limits[0].name: must be")));
  EXPECT_THAT(
      Complaints("limits:\n- {name: a, rate: 1/s}\n- {name: a, rate: 1/s}\n"),
      ElementsAre("f:3: column 10: limits[1].name: 'a' is there twice; first "
                  "in line 2"));
}

TEST(Limits, AreAList) {
  EXPECT_THAT(Complaints("limits: {a: b}\n"),
              ElementsAre(HasSubstr("limits: must be a list of limits")));
  EXPECT_THAT(Good("limits:\n").limits, ElementsAre());
  EXPECT_THAT(Good("limits: []\n").limits, ElementsAre());
}

TEST(Limits, AreBounded) {
  std::string text = "limits:\n";
  for (int i = 0; i < limit::kMaxLimits; ++i) {
    absl::StrAppend(&text, "- {name: l", i, ", rate: 1/s}\n");
  }
  EXPECT_THAT(Good(text).limits, SizeIs(limit::kMaxLimits));
  absl::StrAppend(&text, "- {name: x, rate: 1/s}\n");
  EXPECT_THAT(Complaints(text),
              ElementsAre(HasSubstr("limits: has more than 1000")));
}

}  // namespace
}  // namespace outrigger::config
