// When an endpoint is left out: by its checks, by its callers' outcomes (as
// Envoy's outlier detection and gRFC A50 have it) and by its load. Tables of
// events and what is expected.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "pool/health/check_state.h"
#include "pool/health/load_state.h"
#include "pool/health/outlier.h"

namespace outrigger::pool {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

MonotonicTime At(Duration since_start) {
  return MonotonicTime(std::chrono::hours(1)) + since_start;
}

// What the verdict is after each check: '+' healthy, '-' not. In `checks` '+'
// passed, '-' failed.
std::string Verdicts(int64_t rise, int64_t fall, const std::string& checks) {
  HealthOptions options;
  options.rise = rise;
  options.fall = fall;
  CheckState state;
  std::string verdicts;
  for (const char check : checks) {
    state.OnResult(check == '+', "refused", options);
    verdicts += state.verdict() == CheckState::Verdict::kHealthy ? '+' : '-';
  }
  return verdicts;
}

TEST(CheckStateTest, RiseAndFall) {
  struct Case {
    int64_t rise;
    int64_t fall;
    std::string checks;
    std::string verdicts;
  };
  for (const Case& c : std::vector<Case>{
           // The first one decides by itself.
           {2, 3, "+", "+"},
           {2, 3, "-", "-"},
           // `fall` in a row; one that passes begins the count anew.
           {2, 3, "+---", "+++-"},
           {2, 3, "+--+--", "++++++"},
           {2, 3, "+--+---", "++++++-"},
           // `rise` in a row.
           {2, 3, "-++", "--+"},
           {2, 3, "-+-+-+", "------"},
           {3, 1, "-+++-+++", "---+---+"},
           {1, 1, "+-+-+", "+-+-+"},
       }) {
    EXPECT_EQ(Verdicts(c.rise, c.fall, c.checks), c.verdicts) << c.checks;
  }
}

TEST(CheckStateTest, SaysWhenItHasRecoveredAndWhyNot) {
  HealthOptions options;
  options.rise = 2;
  options.fall = 1;
  CheckState state;
  EXPECT_EQ(state.verdict(), CheckState::Verdict::kUnknown);
  EXPECT_FALSE(state.OnResult(true, "", options)) << "it was never unwell";
  EXPECT_FALSE(state.OnResult(false, "refused", options));
  EXPECT_EQ(state.message(), "refused");
  EXPECT_FALSE(state.OnResult(true, "", options));
  EXPECT_TRUE(state.OnResult(true, "", options));
  EXPECT_EQ(state.message(), "");
  state.Forget();
  EXPECT_EQ(state.verdict(), CheckState::Verdict::kUnknown);
}

// An endpoint and the outcomes of calls to it.
class Caller {
 public:
  explicit Caller(const HealthOptions& options) : options_(options) {}

  void Wait(Duration for_how_long) { now_ += for_how_long; }
  // '+' success, '-' failure. True: one of them ejected it.
  bool Call(const std::string& outcomes) {
    bool ejected = false;
    for (const char outcome : outcomes) {
      if (!outlier_.OnOutcome(outcome == '+', options_, now_)) continue;
      outlier_.Eject(options_, now_);
      ejected = true;
    }
    return ejected;
  }
  Duration left() const {
    return outlier_.ejected(now_) ? outlier_.until() - now_ : Duration::zero();
  }
  void WaitUntilBack() { Wait(left()); }
  Outlier& outlier() { return outlier_; }
  MonotonicTime now() const { return now_; }

 private:
  const HealthOptions options_;
  Outlier outlier_;
  MonotonicTime now_ = At(seconds(0));
};

TEST(OutlierTest, FailuresInARow) {
  Caller caller{HealthOptions()};
  EXPECT_FALSE(caller.Call("----+----"));
  EXPECT_TRUE(caller.Call("-"));
  EXPECT_EQ(caller.outlier().reason(), "5 failures in a row");
  EXPECT_EQ(caller.left(), seconds(30));
}

TEST(OutlierTest, NeverIfTheyAreOff) {
  HealthOptions options;
  options.eject_after = 0;
  Caller caller(options);
  EXPECT_FALSE(caller.Call(std::string(10'000, '-')));
}

TEST(OutlierTest, WhatEndsDuringAnEjectionCountsForNothing) {
  Caller caller{HealthOptions()};
  EXPECT_TRUE(caller.Call("-----"));
  EXPECT_FALSE(caller.Call(std::string(100, '-')));
  EXPECT_EQ(caller.left(), seconds(30));
  caller.WaitUntilBack();
  EXPECT_FALSE(caller.Call("----")) << "failures count anew";
  EXPECT_TRUE(caller.Call("-"));
}

// Envoy: base_ejection_time times the number of ejections, at most
// max_ejection_time (or the base, if that is more).
TEST(OutlierTest, EachEjectionInSuccessionIsLongerUpToTheMost) {
  Caller caller{HealthOptions()};
  for (const int expected :
       {30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300}) {
    EXPECT_TRUE(caller.Call("-----"));
    EXPECT_EQ(caller.left(), seconds(expected));
    caller.WaitUntilBack();
  }
}

TEST(OutlierTest, TheMostHoldsAlsoIfItIsNoMultiple) {
  HealthOptions options;
  options.eject_max = seconds(100);
  Caller caller(options);
  for (const int expected : {30, 60, 90, 100, 100}) {
    EXPECT_TRUE(caller.Call("-----"));
    EXPECT_EQ(caller.left(), seconds(expected));
    caller.WaitUntilBack();
  }
}

// As gRFC A50's multiplier, which falls with each interval in which the address
// is not ejected; here with each eject_for.
TEST(OutlierTest, TheCountFallsWhileItIsWell) {
  Caller caller{HealthOptions()};
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(caller.Call("-----"));
    caller.WaitUntilBack();
  }
  caller.Wait(seconds(59));  // from four to three
  EXPECT_TRUE(caller.Call("-----"));
  EXPECT_EQ(caller.left(), seconds(120));
  caller.WaitUntilBack();
  caller.Wait(seconds(95));  // from four to one
  EXPECT_TRUE(caller.Call("-----"));
  EXPECT_EQ(caller.left(), seconds(60));
  caller.WaitUntilBack();
  caller.Wait(minutes(60));
  EXPECT_TRUE(caller.Call("-----"));
  EXPECT_EQ(caller.left(), seconds(30));
}

TEST(OutlierTest, ItCountsAsOneThatIsSparedUntilItFailsAsOftenAgain) {
  HealthOptions options;
  options.eject_after = 2;
  Outlier outlier;
  const MonotonicTime now = At(seconds(0));
  EXPECT_FALSE(outlier.OnOutcome(false, options, now));
  EXPECT_TRUE(outlier.OnOutcome(false, options, now));
  outlier.Spare();
  EXPECT_FALSE(outlier.ejected(now));
  EXPECT_FALSE(outlier.OnOutcome(false, options, now));
  EXPECT_TRUE(outlier.OnOutcome(false, options, now));
}

HealthOptions ByRate(double rate, int64_t minimum) {
  HealthOptions options;
  options.eject_after = 0;
  options.eject_rate = rate;
  options.eject_minimum = minimum;
  return options;
}

TEST(OutlierTest, ShareOfFailures) {
  struct Case {
    double rate;
    int64_t minimum;
    std::string outcomes;
    bool ejected;
  };
  const auto many = [](int n, const std::string& what) {
    std::string all;
    while (n-- > 0) all += what;
    return all;
  };
  for (const Case& c : std::vector<Case>{
           {0.5, 20, many(19, "-"), false},  // too few to say
           {0.5, 20, many(20, "-"), true},
           {0.5, 20, many(10, "+-"), true},  // just so many
           {0.5, 20, many(100, "++-"), false},
           {0.5, 20, many(11, "+") + many(10, "-"), false},
           {0.5, 20, many(11, "+") + many(11, "-"), true},
           {1, 5, "-----", true},
           {1, 5, "----+-----", false},
           {0.01, 100, many(99, "+") + "-", true},
           // The one that makes them enough may be a success.
           {0.5, 4, "---+", true},
           {0, 1, many(100, "-"), false},  // off
       }) {
    EXPECT_EQ(Caller(ByRate(c.rate, c.minimum)).Call(c.outcomes), c.ejected)
        << c.outcomes;
  }
}

TEST(OutlierTest, WhatIsOlderThanTheWindowDoesNotCount) {
  Caller caller(ByRate(0.5, 10));
  EXPECT_FALSE(caller.Call("---------"));
  caller.Wait(seconds(11));
  EXPECT_FALSE(caller.Call("-")) << "alone in its window";
  caller.Wait(seconds(5));
  EXPECT_FALSE(caller.Call("--------"));
  EXPECT_TRUE(caller.Call("-"));
  EXPECT_EQ(caller.outlier().reason(), "10 of 10 calls failed");
  caller.WaitUntilBack();
  EXPECT_FALSE(caller.Call("---------")) << "the window begins anew";
}

TEST(OutlierTest, AWindowCanBeAsShortAsAllowed) {
  HealthOptions options = ByRate(0.5, 2);
  options.eject_window = milliseconds(100);
  Caller caller(options);
  EXPECT_FALSE(caller.Call("-"));
  caller.Wait(milliseconds(110));
  EXPECT_FALSE(caller.Call("-"));
  caller.Wait(milliseconds(50));
  EXPECT_TRUE(caller.Call("-"));
}

TEST(LoadStateTest, PastAThresholdWhileTheReportHolds) {
  struct Case {
    EndpointLoad load;
    std::string reason;  // empty: it is not past one
  };
  const ThresholdOptions options;
  const std::nullopt_t unset = std::nullopt;
  for (const Case& c : std::vector<Case>{
           {{0.8, 0.9, 1000.0}, ""},  // at, not past
           {{0.81, unset, unset}, "cpu 0.81 is above 0.8"},
           {{unset, 0.95, unset}, "memory 0.95 is above 0.9"},
           {{0.5, 0.5, 1001.0}, "requests_per_second 1001 is above 1000"},
           {{unset, unset, unset}, ""},
       }) {
    LoadState state;
    state.OnReport(c.load, options, At(seconds(0)));
    EXPECT_EQ(state.Reason(options), c.reason);
    EXPECT_EQ(state.over(options, At(milliseconds(9'999))), !c.reason.empty());
    EXPECT_FALSE(state.over(options, At(seconds(10))));
  }
}

TEST(LoadStateTest, AReportTakesThePlaceOfTheOneBefore) {
  const ThresholdOptions options;
  LoadState state;
  EXPECT_FALSE(state.over(options, At(seconds(0))));
  state.OnReport({0.9, std::nullopt, std::nullopt}, options, At(seconds(0)));
  EXPECT_TRUE(state.over(options, At(seconds(1))));
  state.OnReport({std::nullopt, 0.5, std::nullopt}, options, At(seconds(1)));
  EXPECT_FALSE(state.over(options, At(seconds(1))));
  state.OnReport({0.9, 0.5, 1.0}, options, At(seconds(5)));
  EXPECT_TRUE(state.over(options, At(seconds(14))));
  EXPECT_EQ(state.until(), At(seconds(15)));
}

}  // namespace
}  // namespace outrigger::pool
