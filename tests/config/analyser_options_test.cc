// The section `analyser`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config_testing.h"
#include "config/describe.h"
#include "config/reload.h"

namespace outrigger::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(AnalyserOptions, HaveDefaults) {
  const analyser::Options options = Good("").analyser;
  EXPECT_EQ(options, analyser::Options());
  EXPECT_EQ(options.window, seconds(60));
  EXPECT_EQ(options.response_time, seconds(1));
  EXPECT_EQ(options.error_rate, 0.05);
  EXPECT_EQ(options.cache_hit_rate, 0.8);
  EXPECT_EQ(options.slow_factor, 2);
}

TEST(AnalyserOptions, AreReadFromFileAndEnvironment) {
  const char* const text =
      "analyser: {window: 5m, response_time: 250ms, response_time_p95: 2s,\n"
      "  response_time_p99: 3s, error_rate: 0.01, cache_hit_rate: 0.5,\n"
      "  pool_utilization: 0.7, breaker_transitions: 3, redis_latency: 5ms,\n"
      "  redis_error_rate: 0.2, throttled_cpu: 0.3, memory: 0.8,\n"
      "  degraded: 0.4, limit_denied: 0.6, telemetry_dropped: 100,\n"
      "  slow_factor: 3, slow_least: 20ms, anomaly_deviations: 8,\n"
      "  minimum_calls: 50, raise_after: 10, clear_after: 60}";
  const Config config = Good(text, {{"OUTRIGGER_ANALYSER_MEMORY", "0.5"}});
  EXPECT_EQ(config.analyser.window, minutes(5));
  EXPECT_EQ(config.analyser.response_time, milliseconds(250));
  EXPECT_EQ(config.analyser.breaker_transitions, 3);
  EXPECT_EQ(config.analyser.memory, 0.5);
  EXPECT_EQ(config.analyser.slow_least, milliseconds(20));
  EXPECT_EQ(config.analyser.clear_after, 60);
  EXPECT_EQ(Good(Describe(config)), config);
}

TEST(AnalyserOptions, OutOfRangeAreRefused) {
  for (const char* option :
       {"window: 9s", "window: 11m", "error_rate: 1.5", "slow_factor: 0.5",
        "minimum_calls: 0", "raise_after: 0", "response_time: 0s",
        "no_such: 1"}) {
    EXPECT_THAT(Complaints(std::string("analyser: {") + option + "}"),
                ElementsAre(HasSubstr("analyser.")))
        << option;
  }
}

TEST(AnalyserOptions, FollowTheFileWhileRunning) {
  EXPECT_THAT(RestartOnlyChanges(Good(""), Good("analyser: {memory: 0.5}")),
              IsEmpty());
}

}  // namespace
}  // namespace outrigger::config
