// What crosses a threshold is found, and with what evidence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analyser/watched.h"
#include "telemetry/cache_metrics.h"

namespace outrigger::analyser {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Row {
  const char* name;
  // Happens each second.
  std::function<void(Watched&)> work;
  std::vector<std::string> found;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class Thresholds : public ::testing::TestWithParam<Row> {};

TEST_P(Thresholds, AreCrossedByWhatIsBadForAWindow) {
  Watched watched;
  watched.Run(90, [&] { GetParam().work(watched); });
  EXPECT_EQ(watched.Found(), GetParam().found);
}

const Row kRows[] = {
    {"nothing", [](Watched&) {}, {}},
    {"healthy",
     [](Watched& w) {
       w.Call(kAllow, 100, 0.0001);
       w.Redis("EVALSHA", 10, 0.001);
       w.Decide("a", "allowed", 90);
       w.Decide("a", "denied", 10);
       w.Grow(telemetry::kCgroupCpuPeriods, {}, 10);
       w.Grow(telemetry::kProcessCpuTime, {}, 0.5);
     },
     {}},
    {"slow_mean",
     [](Watched& w) { w.Call(kGet, 10, 2); },
     {"warning response_time"}},
    {"very_slow_mean",
     [](Watched& w) { w.Call(kGet, 10, 8); },
     {"critical response_time"}},
    {"slow_p95",
     [](Watched& w) {
       w.Call(kGet, 90, 0.001);
       w.Call(kGet, 10, 3);
     },
     {"warning response_time_p95"}},
    {"slow_p99",
     [](Watched& w) {
       w.Call(kGet, 97, 0.001);
       w.Call(kGet, 3, 3);
     },
     {"warning response_time_p99"}},
    {"one_slow_call_in_a_thousand",
     [](Watched& w) {
       w.Call(kGet, 999, 0.001);
       w.Call(kGet, 1, 3);
     },
     {}},
    {"waits_are_not_slowness",
     [](Watched& w) {
       w.Call(kAllow, 10, 3);
       w.Record(telemetry::kAllowWait, {{"limit", "a"}}, 10, 3);
     },
     {}},
    {"slow_besides_waits",
     [](Watched& w) {
       w.Call(kAllow, 20, 3);
       w.Record(telemetry::kAllowWait, {{"limit", "a"}}, 10, 3);
     },
     {"warning response_time"}},
    {"streams_may_last",
     [](Watched& w) {
       w.Call("grpc.health.v1.Health/Watch", 10, 3600);
       w.Call("x/AllowStream", 10, 3600);
       w.Record(telemetry::kRpcMessageDuration,
                {{"rpc.method", "x/AllowStream"}}, 10, 0.001);
     },
     {}},
    {"some_errors",
     [](Watched& w) {
       w.Call(kGet, 90, 0.001);
       w.Call(kGet, 10, 0.001, "UNAVAILABLE");
     },
     {"warning error_rate"}},
    {"many_errors",
     [](Watched& w) {
       w.Call(kGet, 70, 0.001);
       w.Call(kGet, 30, 0.001, "INTERNAL");
     },
     {"critical error_rate"}},
    {"few_errors",
     [](Watched& w) {
       w.Call(kGet, 98, 0.001);
       w.Call(kGet, 2, 0.001, "UNAVAILABLE");
     },
     {}},
    {"cold_cache",
     [](Watched& w) {
       w.Grow(telemetry::kCacheRequests, {{"cache", "cold"}, {"result", "hit"}},
              5);
       w.Grow(telemetry::kCacheRequests,
              {{"cache", "cold"}, {"result", "miss"}}, 5);
       w.Grow(telemetry::kCacheRequests,
              {{"cache", "warm"}, {"result", "stale"}}, 9);
       w.Grow(telemetry::kCacheRequests,
              {{"cache", "warm"}, {"result", "miss"}}, 1);
     },
     {"warning cache_hit_rate:cold"}},
    {"full_pool",
     [](Watched& w) {
       w.Pool("full", /*used=*/3, /*idle=*/0, /*fleet=*/20, /*limit=*/20);
       w.Pool("busy", /*used=*/19, /*idle=*/1, /*fleet=*/20, /*limit=*/20);
       w.Pool("calm", /*used=*/5, /*idle=*/10, /*fleet=*/20, /*limit=*/20);
     },
     {"critical pool_utilization:full", "warning pool_utilization:busy"}},
    {"flapping_breaker",
     [](Watched& w) {
       w.Grow(telemetry::kBreakerTransitions,
              {{"breaker", "b"}, {"state", "open"}}, .1);
       w.Grow(telemetry::kBreakerTransitions,
              {{"breaker", "b"}, {"state", "closed"}}, .1);
     },
     {"warning breaker_flapping:b"}},
    {"slow_redis",
     [](Watched& w) { w.Redis("GET", 10, 0.08); },
     {"warning redis_latency"}},
    {"very_slow_redis",
     [](Watched& w) { w.Redis("GET", 10, 0.9); },
     {"critical redis_latency"}},
    {"failing_redis",
     [](Watched& w) {
       w.Redis("GET", 8, 0.001);
       w.Redis("GET", 2, 0.001, "timeout");
     },
     {"warning redis_errors"}},
    {"throttled",
     [](Watched& w) {
       w.Grow(telemetry::kCgroupCpuPeriods, {}, 10);
       w.Grow(telemetry::kCgroupCpuThrottledPeriods, {}, 2);
     },
     {"warning throttled_cpu"}},
    {"heavily_throttled",
     [](Watched& w) {
       w.Grow(telemetry::kCgroupCpuPeriods, {}, 10);
       w.Grow(telemetry::kCgroupCpuThrottledPeriods, {}, 8);
     },
     {"critical throttled_cpu"}},
    {"little_memory",
     [](Watched& w) {
       w.Set(telemetry::kCgroupMemoryUsage, {}, 95);
       w.Set(telemetry::kCgroupMemoryLimit, {}, 100);
     },
     {"warning memory"}},
    {"partly_degraded",
     [](Watched& w) { w.Grow(telemetry::kStoreDegradedTime, {}, 0.4); },
     {"warning degraded_mode"}},
    {"degraded",
     [](Watched& w) { w.Grow(telemetry::kStoreDegradedTime, {}, 1); },
     {"critical degraded_mode"}},
    {"unverified_caches",
     [](Watched& w) { w.Set(telemetry::kCacheVerified, {}, 0); },
     {"warning cache_unverified"}},
    {"verified_caches",
     [](Watched& w) { w.Set(telemetry::kCacheVerified, {}, 1); },
     {}},
    {"denying_limits",
     [](Watched& w) {
       w.Decide("strict", "denied", 60);
       w.Decide("strict", "allowed", 40);
       w.Decide("shut", "denied", 100);
       w.Decide("calm", "allowed", 100);
       w.Decide("shadow", "shadow_denied", 100);
     },
     {"warning limit_denied:shut", "info limit_denied:strict"}},
    {"dropped_telemetry",
     [](Watched& w) {
       w.Grow(telemetry::kOtlpDropped, {{"signal", "traces"}}, 1);
     },
     {"warning telemetry_dropped"}},
};

INSTANTIATE_TEST_SUITE_P(All, Thresholds, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

TEST(ThresholdEvidence, HasTheFiguresAndTheWindow) {
  Watched watched;
  watched.Run(90, [&] {
    watched.Call(kGet, 80, 0.001);
    watched.Call(kGet, 20, 0.001, "UNAVAILABLE");
  });
  EXPECT_DOUBLE_EQ(watched.Evidence("window_s"), 60);
  EXPECT_DOUBLE_EQ(watched.Evidence("value"), 0.2);
  EXPECT_DOUBLE_EQ(watched.Evidence("threshold"), 0.05);
  // A window and what has come of the next sixth.
  EXPECT_GE(watched.Evidence("calls"), 6000);
  EXPECT_LE(watched.Evidence("calls"), 7000);
}

TEST(ThresholdOptions, AreInForceFromTheNextLookOn) {
  Watched watched;
  const auto work = [&] {
    watched.Call(kGet, 97, 0.001);
    watched.Call(kGet, 3, 0.001, "UNAVAILABLE");
  };
  watched.Run(90, work);
  EXPECT_THAT(watched.Found(), IsEmpty());
  Options strict;
  strict.error_rate = 0.01;
  watched.analyser().SetOptions(strict);
  watched.Run(5, work);
  EXPECT_THAT(watched.Found(), ElementsAre("warning error_rate"));
}

}  // namespace
}  // namespace outrigger::analyser
