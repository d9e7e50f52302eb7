// Hysteresis: what it takes for a finding to come, stay and go.
#include "analyser/judge/findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "analyser/judge/kinds.h"
#include "analyser/judge/scale.h"

namespace outrigger::analyser {
namespace {

constexpr int kRaiseAfter = 3;
constexpr int kClearAfter = 4;

// Each letter is a step: b(ad), n(ear), g(ood). Returns for each step 'R' if
// the finding is raised in it, 'C' if it is cleared, '+' if it holds, '-' if
// not.
std::string Play(const std::string& steps) {
  Findings findings;
  std::string played;
  WallTime now{};
  for (const char step : steps) {
    now += std::chrono::seconds(1);
    std::vector<Verdict> verdicts;
    if (step != 'g') {
      verdicts.push_back(
          {Describe(kErrorRate, "", Severity::kWarning), step == 'b'});
    }
    const auto changes =
        findings.Step(std::move(verdicts), now, kRaiseAfter, kClearAfter);
    played += !changes.raised.empty()      ? 'R'
              : !changes.cleared.empty()   ? 'C'
              : findings.Current().empty() ? '-'
                                           : '+';
  }
  return played;
}

TEST(Hysteresis, TakesSomeBadStepsInARowToRaise) {
  EXPECT_EQ(Play("bbb"), "--R");
  EXPECT_EQ(Play("bbgbbgbb"), "--------");
  EXPECT_EQ(Play("bbnbbnbbb"), "--------R");
  EXPECT_EQ(Play("nnnnnnnn"), "--------");
}

TEST(Hysteresis, TakesSomeGoodStepsInARowToClear) {
  EXPECT_EQ(Play("bbbgggg"), "--R+++C");
  EXPECT_EQ(Play("bbbgggbgggg"), "--R+++++++C");
  EXPECT_EQ(Play("bbbgggnggg"), "--R+++++++");
  EXPECT_EQ(Play("bbbnnnnnnnn"), "--R++++++++");
  EXPECT_EQ(Play("bbbggggbbb"), "--R+++C--R");
}

TEST(Findings, AreDatedFromWhenTheyWereFirstBad) {
  Findings findings;
  for (int second = 1; second <= 6; ++second) {
    std::vector<Verdict> verdicts;
    if (second > 2) {
      verdicts.push_back({Describe(kErrorRate, "", Severity::kInfo), true});
    }
    findings.Step(verdicts, WallTime(std::chrono::seconds(second)), kRaiseAfter,
                  kClearAfter);
  }
  ASSERT_EQ(findings.Current().size(), 1U);
  EXPECT_EQ(findings.Current()[0].since, WallTime(std::chrono::seconds(3)));
}

TEST(Findings, AreBounded) {
  Findings findings;
  std::vector<Verdict> verdicts;
  for (size_t i = 0; i < Findings::kMost + 5; ++i) {
    verdicts.push_back(
        {Describe(kLimitDenied, std::to_string(i), Severity::kInfo), true});
  }
  findings.Step(verdicts, WallTime(), 1, 1);
  EXPECT_EQ(findings.Current().size(), Findings::kMost);
  EXPECT_EQ(findings.left_out(), 5U);
  findings.Step({}, WallTime(), 1, 1);
  EXPECT_EQ(findings.Current().size(), 0U);
  EXPECT_EQ(findings.left_out(), 0U);
}

TEST(Findings, AreWorstFirstThenOldest) {
  Findings findings;
  const Verdict late{Describe(kErrorRate, "late", Severity::kWarning), true};
  const Verdict early{Describe(kErrorRate, "early", Severity::kWarning), true};
  const Verdict bad{Describe(kErrorRate, "bad", Severity::kCritical), true};
  findings.Step({early}, WallTime(std::chrono::seconds(1)), 1, 9);
  findings.Step({late, early, bad}, WallTime(std::chrono::seconds(2)), 1, 9);
  std::vector<std::string> subjects;
  for (const Finding& each : findings.Current()) {
    subjects.push_back(each.subject);
  }
  EXPECT_THAT(subjects, ::testing::ElementsAre("bad", "early", "late"));
}

TEST(Scale, TellsBadFromNearFromGood) {
  const Scale high{.kind = kErrorRate, .threshold = 0.1, .severe = 0.5};
  EXPECT_FALSE(Weigh(high, "", 0.09, {}).has_value());
  EXPECT_FALSE(Weigh(high, "", 0.095, {})->bad);
  EXPECT_TRUE(Weigh(high, "", 0.11, {})->bad);
  EXPECT_EQ(Weigh(high, "", 0.11, {})->finding.severity, Severity::kWarning);
  EXPECT_EQ(Weigh(high, "", 0.5, {})->finding.severity, Severity::kCritical);
  const Scale low{
      .kind = kCacheHitRate, .threshold = 0.8, .small_is_bad = true};
  EXPECT_FALSE(Weigh(low, "", 0.83, {}).has_value());
  EXPECT_FALSE(Weigh(low, "", 0.81, {})->bad);
  EXPECT_TRUE(Weigh(low, "", 0.79, {})->bad);
  EXPECT_EQ(Weigh(low, "", 0, {})->finding.severity, Severity::kWarning);
}

}  // namespace
}  // namespace outrigger::analyser
