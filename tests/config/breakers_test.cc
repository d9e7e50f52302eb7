// The section `breakers`: every option, its place when it is wrong, and the
// variables that others use, too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "config/config_testing.h"
#include "config/describe.h"
#include "config/reload.h"

namespace outrigger::config {
namespace {

using breaker::BreakerOptions;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The only breaker.
BreakerOptions Only(const Config& config) {
  EXPECT_THAT(config.breakers, SizeIs(1));
  return config.breakers.empty() ? BreakerOptions{} : config.breakers[0];
}

TEST(BreakerSection, IsEmptyUnlessWritten) {
  EXPECT_THAT(Good("").breakers, IsEmpty());
  EXPECT_EQ(Only(Good("breakers: [{name: a}]")), BreakerOptions{.name = "a"});
}

TEST(BreakerSection, TakesTheContractsExample) {
  const BreakerOptions payments = Only(Good(R"(
breakers:
- {name: payments, consecutive_failures: 5, failure_rate: 0.5, slow_call: 2s, slow_rate: 0.5, minimum_calls: 20,
   window: 10s, open_for: 60s, half_open_probes: 3, per_method: false}
)"));
  BreakerOptions expected{.name = "payments"};
  expected.slow_call = seconds(2);
  EXPECT_EQ(payments, expected);
}

TEST(BreakerSection, TakesEveryOption) {
  const BreakerOptions b = Only(
      Good("breakers: [{name: a, consecutive_failures: 0, failure_rate: 0.25, "
           "slow_call: 3s, slow_rate: 0.75, minimum_calls: 7, window: 20s, "
           "window_calls: 100, open_for: 5s, open_backoff: 1.5, open_max: 2m, "
           "open_jitter: 0.2, half_open_probes: 4, probe_timeout: 6s, "
           "permit_timeout: 8s, recover_for: 9s, recover_from: 0.1, quorum: 3, "
           "quorum_share: 0.6, per_method: true, max_methods: 11, "
           "metrics_only: true}]"));
  EXPECT_EQ(b, (BreakerOptions{.name = "a",
                               .consecutive_failures = 0,
                               .failure_rate = 0.25,
                               .slow_call = seconds(3),
                               .slow_rate = 0.75,
                               .minimum_calls = 7,
                               .window = seconds(20),
                               .window_calls = 100,
                               .open_for = seconds(5),
                               .open_backoff = 1.5,
                               .open_max = minutes(2),
                               .open_jitter = 0.2,
                               .half_open_probes = 4,
                               .probe_timeout = seconds(6),
                               .permit_timeout = seconds(8),
                               .recover_for = seconds(9),
                               .recover_from = 0.1,
                               .quorum = 3,
                               .quorum_share = 0.6,
                               .per_method = true,
                               .max_methods = 11,
                               .metrics_only = true}));
}

TEST(BreakerSection, SaysWhatIsWrongAndWhere) {
  const struct {
    const char* option;
    const char* expected;
  } kCases[] = {
      {"open_for: 60", "f:1: column 32: breakers[0].open_for: '60' has no u"},
      {"consecutive_failures: 1000001", "breakers[0].consecutive_failures: "},
      {"failure_rate: 1.5", "f:1: column 36: breakers[0].failure_rate: "},
      {"slow_call: 2h", "breakers[0].slow_call: "},
      {"minimum_calls: 0", "breakers[0].minimum_calls: "},
      {"window: 10ms", "breakers[0].window: "},
      {"open_backoff: 0.5", "breakers[0].open_backoff: "},
      {"half_open_probes: 0", "breakers[0].half_open_probes: "},
      {"recover_from: 0", "breakers[0].recover_from: "},
      {"quorum: 0", "breakers[0].quorum: "},
      {"per_method: true, max_methods: 9999, window_calls: 99999",
       "breakers[0].max_methods: must be at most 671 with per_method and "
       "window_calls: 99999, as each"},
      {"per_method: maybe", "breakers[0].per_method: 'maybe' is not one of"},
      {"half_open_probe: 3", "unknown key (did you mean half_open_probes?)"},
  };
  for (const auto& c : kCases) {
    const std::string text =
        absl::StrCat("breakers: [{name: a, ", c.option, "}]");
    EXPECT_THAT(Complaints(text), ElementsAre(HasSubstr(c.expected))) << text;
  }
}

TEST(BreakerSection, IsAListOfNamedOnes) {
  EXPECT_THAT(Complaints("breakers: {a: b}"),
              ElementsAre(HasSubstr("breakers: must be a list")));
  EXPECT_THAT(Complaints("breakers: [{open_for: 1s}]"),
              ElementsAre(HasSubstr("breakers[0].name: is missing")));
  EXPECT_THAT(Complaints("breakers:\n- name: a\n- name: a\n"),
              ElementsAre("f:3: column 9: breakers[1].name: 'a' is there "
                          "twice; first as breakers[0]"));
  std::string many = "breakers:\n";
  for (size_t i = 0; i < breaker::kMaxBreakers; ++i) {
    absl::StrAppend(&many, "- name: n", i, "\n");
  }
  EXPECT_THAT(Good(many).breakers, SizeIs(breaker::kMaxBreakers));
  EXPECT_THAT(Complaints(many + "- name: x\n"),
              ElementsAre(HasSubstr("breakers: has more than 256")));
}

TEST(BreakerSection, IsDescribedAndReloadedWhileRunning) {
  const Config config = Good(
      "profile: dev\nbreakers: [{name: a, failure_rate: 0, open_for: 7s}, "
      "{name: b, recover_for: 0}]\n");
  EXPECT_EQ(Good(Describe(config)), config) << Describe(config);
  EXPECT_THAT(RestartOnlyChanges(Good(""), Good("breakers: [{name: a}]")),
              IsEmpty());
}

TEST(BreakerSection, HasTheProfilesDefaults) {
  const auto only = [](const char* profile) {
    return Only(Good(absl::StrCat("profile: ", profile,
                                  "\nbreakers: [{name: a, quorum: 1}]")));
  };
  EXPECT_EQ(only("prod").open_for, seconds(60));
  EXPECT_EQ(only("prod").recover_for, seconds(10));
  EXPECT_EQ(only("dev").open_for, seconds(5));
  EXPECT_EQ(only("dev").recover_for, seconds(2));
  EXPECT_EQ(only("test").open_for, seconds(1));
  EXPECT_EQ(only("test").recover_for, Duration::zero());
  EXPECT_EQ(Only(Good("breakers: [{name: a, open_for: 9s}]",
                      {{"OUTRIGGER_PROFILE", "test"}}))
                .open_for,
            seconds(9));
}

const Environment kAll = {{"CIRCUIT_BREAKER_FAILURE_THRESHOLD", "7"},
                          {"CIRCUIT_BREAKER_RECOVERY_TIMEOUT", "90"},
                          {"CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS", "2"}};

TEST(BreakerVariables, MakeABreakerDefault) {
  const BreakerOptions b = Only(Good("", kAll));
  EXPECT_EQ(b.name, "default");
  EXPECT_EQ(b.consecutive_failures, 7);
  EXPECT_EQ(b.open_for, seconds(90));
  EXPECT_EQ(b.half_open_probes, 2);
  EXPECT_EQ(Only(Good("breakers: []", kAll)), b);
}

TEST(BreakerVariables, AreTheDefaultsOfThoseThatAreConfigured) {
  const Config config = Good(
      "profile: test\nbreakers: [{name: a}, {name: b, open_for: 2m}]", kAll);
  ASSERT_THAT(config.breakers, SizeIs(2));
  EXPECT_EQ(config.breakers[0].open_for, seconds(90));
  EXPECT_EQ(config.breakers[1].open_for, minutes(2));
  EXPECT_EQ(config.breakers[1].consecutive_failures, 7);
}

TEST(BreakerVariables, AreChecked) {
  EXPECT_THAT(Complaints("", {{"CIRCUIT_BREAKER_FAILURE_THRESHOLD", "few"}}),
              ElementsAre("environment: CIRCUIT_BREAKER_FAILURE_THRESHOLD: "
                          "breakers[0].consecutive_failures: 'few' is not a "
                          "whole number"));
  EXPECT_THAT(Complaints("", {{"CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS", "0"}}),
              ElementsAre(HasSubstr("CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS: "
                                    "breakers[0].half_open_probes: ")));
  EXPECT_THAT(Complaints("breakers: 5", kAll),
              Contains(HasSubstr("breakers: must be a list")));
  EXPECT_THAT(Complaints("breakers: [5]", kAll), SizeIs(1));
}

}  // namespace
}  // namespace outrigger::config
