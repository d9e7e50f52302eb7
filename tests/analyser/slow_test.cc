// Slow operations and anomalies: judged against what is usual.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyser/watched.h"

namespace outrigger::analyser {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kMinute = 60;
constexpr int kHour = 60 * kMinute;

// One look in ten seconds: quicker, and the same.
void RunSlowly(Watched& watched, int seconds,
               const std::function<void()>& work) {
  for (int i = 0; i < seconds; i += 10) {
    work();
    watched.clock().Advance(std::chrono::seconds(10));
    watched.Look();
  }
}

TEST(SlowOperation, IsOneThatTakesTwiceItsUsualTime) {
  Watched watched;
  watched.Run(15 * kMinute, [&] {
    watched.Call(kGet, 5, 0.004);
    watched.Call(kAllow, 5, 0.004);
    watched.Redis("GET", 5, 0.004);
  });
  EXPECT_THAT(watched.Found(), IsEmpty());
  watched.Run(90, [&] {
    watched.Call(kGet, 5, 0.012);
    watched.Call(kAllow, 5, 0.006);
    watched.Redis("GET", 5, 0.02);
  });
  EXPECT_THAT(watched.Found(),
              ElementsAre("warning slow_operation:GET",
                          std::string("warning slow_operation:") + kGet));
  const auto findings = watched.analyser().CurrentFindings();
  EXPECT_EQ(findings[1].title, std::string(kGet) + " is slower than usual");
}

TEST(SlowOperation, IsNotOneThatStillIsFast) {
  Watched watched;
  watched.Run(15 * kMinute, [&] { watched.Call(kGet, 5, 0.00002); });
  watched.Run(90, [&] { watched.Call(kGet, 5, 0.0002); });
  EXPECT_THAT(watched.Found(), IsEmpty());
}

TEST(SlowOperation, IsNotJudgedOnFewCallsOrBeforeTheUsualIsKnown) {
  Watched early;
  early.Run(5 * kMinute, [&] { early.Call(kGet, 5, 0.004); });
  early.Run(90, [&] { early.Call(kGet, 5, 0.1); });
  EXPECT_THAT(early.Found(), IsEmpty());

  Watched rare;
  rare.Run(15 * kMinute, [&] { rare.Call(kGet, 5, 0.004); });
  int second = 0;
  rare.Run(3 * kMinute, [&] {
    if (++second > 90 && second % 10 == 0) rare.Call(kGet, 1, 0.5);
  });
  EXPECT_THAT(rare.Found(), IsEmpty());
}

TEST(SlowOperation, IsUsualWhenItLasts) {
  Watched watched;
  RunSlowly(watched, kHour, [&] { watched.Call(kGet, 50, 0.004); });
  RunSlowly(watched, 5 * kMinute, [&] { watched.Call(kGet, 50, 0.02); });
  EXPECT_THAT(watched.Found(), Contains(testing::HasSubstr("slow_operation")));
  RunSlowly(watched, kHour, [&] { watched.Call(kGet, 50, 0.02); });
  EXPECT_THAT(watched.Found(), IsEmpty());
}

TEST(Anomaly, IsFarFromTheMedianMeasuredInDeviations) {
  Watched watched;
  int i = 0;
  // Between 80 and 120 a second.
  const auto usual = [&] { watched.Call(kGet, 800 + 100 * (++i % 5), 0.001); };
  RunSlowly(watched, 40 * kMinute, usual);
  EXPECT_THAT(watched.Found(), IsEmpty());
  RunSlowly(watched, 3 * kMinute, [&] { watched.Call(kGet, 5000, 0.001); });
  EXPECT_THAT(watched.Found(), ElementsAre("info anomaly:rpc_rate"));
  EXPECT_NEAR(watched.Evidence("usual"), 100, 5);
  EXPECT_NEAR(watched.Evidence("value"), 500, 5);
  EXPECT_GT(watched.Evidence("deviations_away"), 6);
  RunSlowly(watched, 10 * kMinute, usual);
  EXPECT_THAT(watched.Found(), IsEmpty());
}

TEST(Anomaly, OfErrorsAndLatencyIsOneOnlyUpwards) {
  Watched watched;
  RunSlowly(watched, 40 * kMinute, [&] {
    watched.Call(kGet, 975, 0.02);
    watched.Call(kGet, 25, 0.02, "UNAVAILABLE");
  });
  RunSlowly(watched, 5 * kMinute, [&] { watched.Call(kGet, 1000, 0.0001); });
  EXPECT_THAT(watched.Found(), IsEmpty());
}

TEST(Anomaly, OfLatencyIsAWarningWhenFarAway) {
  Watched watched;
  RunSlowly(watched, 40 * kMinute, [&] { watched.Call(kGet, 1000, 0.002); });
  RunSlowly(watched, 3 * kMinute, [&] {
    watched.Call(kGet, 900, 0.002);
    watched.Call(kGet, 100, 0.2);
  });
  EXPECT_THAT(watched.Found(), Contains("warning anomaly:rpc_p95_s"));
}

TEST(Anomaly, KnowsTheTimeOfDayAfterADay) {
  Watched watched;
  // Busy from 9 to 17 o'clock; the fake clock begins at 1.
  const auto by_the_clock = [&] {
    const auto hour = std::chrono::duration_cast<std::chrono::hours>(
                          watched.clock().WallNow().time_since_epoch() %
                          std::chrono::hours(24))
                          .count();
    const bool busy = hour >= 9 && hour < 17;
    watched.registry()
        .GetHistogram(telemetry::kRpcDuration, {{"rpc.method", kGet}})
        .Record(0.001);
    for (int i = 0; i < (busy ? 600 : 60); ++i) {
      watched.Call(kGet, 1, 0.001);
    }
  };
  RunSlowly(watched, 26 * kHour, by_the_clock);
  EXPECT_THAT(watched.Found(), IsEmpty());  // it is 3 at night
  // The second day's morning is like the first day's.
  for (int minute = 0; minute < 20 * 60; ++minute) {
    RunSlowly(watched, kMinute, by_the_clock);
    ASSERT_THAT(watched.Found(), Not(Contains("info anomaly:rpc_rate")))
        << minute;
  }
}

}  // namespace
}  // namespace outrigger::analyser
