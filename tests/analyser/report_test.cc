// The two documents.
#include "analyser/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <string>

#include "analyser/judge/kinds.h"
#include "analyser/watched.h"

namespace outrigger::analyser {
namespace {

using ::testing::ElementsAre;

// JSON is YAML.
YAML::Node Read(const std::string& json) { return YAML::Load(json); }

std::vector<std::string> Keys(const YAML::Node& map) {
  std::vector<std::string> keys;
  for (const auto& entry : map) keys.push_back(entry.first.as<std::string>());
  return keys;
}

std::vector<std::string> Names(const YAML::Node& list) {
  std::vector<std::string> names;
  for (const auto& entry : list) {
    names.push_back(entry["name"].as<std::string>());
  }
  return names;
}

TEST(Report, BeforeTheFirstLookIsEmptyButWhole) {
  Watched watched;
  const YAML::Node metrics = Read(watched.analyser().MetricsJson());
  EXPECT_THAT(
      Keys(metrics),
      ElementsAre("now", "step_s", "uptime_s", "version", "service", "degraded",
                  "pods", "totals", "limits", "limits_left_out", "caches",
                  "breakers", "pools", "redis", "methods", "findings"));
  EXPECT_EQ(metrics["now"].as<double>(), 0);
  EXPECT_TRUE(metrics["uptime_s"].IsNull());
  EXPECT_TRUE(metrics["redis"].IsNull());
  EXPECT_EQ(metrics["version"].as<std::string>(), "1.2.3");
  EXPECT_EQ(metrics["service"].as<std::string>(), "checkout");
  EXPECT_EQ(metrics["totals"].size(), kSeriesCount);
  const YAML::Node health = Read(watched.analyser().HealthJson());
  EXPECT_EQ(health["grade"].as<std::string>(), "A");
  EXPECT_EQ(health["score"].as<int>(), 100);
  EXPECT_EQ(health["status"].as<std::string>(), "healthy");
}

TEST(Report, RatesAreWhatWasDone) {
  Watched watched;
  watched.Set(telemetry::kStorePods, {}, 3);
  watched.Set(telemetry::kProcessUptime, {}, 77);
  watched.Set(telemetry::kProcessMemoryUsage, {}, 1 << 20);
  watched.Set(telemetry::kAllowUsed, {{"limit", "busy"}}, 0.25);
  watched.Run(70, [&] {
    watched.Call(kAllow, 9, 0.0001);
    watched.Call(kAllow, 1, 0.0001, "INTERNAL");
    watched.Decide("calm", "allowed", 1);
    watched.Decide("busy", "allowed", 30);
    watched.Decide("busy", "denied", 10);
    watched.registry()
        .GetCounter(telemetry::kAllowLocal, {{"limit", "busy"}})
        .Add(20);
    watched.Redis("GET", 4, 0.002);
    watched.Redis("GET", 1, 0.002, "timeout");
    watched.Grow(telemetry::kRedisErrors, {{"kind", "timeout"}}, 1);
    watched.Grow(telemetry::kProcessCpuTime, {{"cpu.mode", "user"}}, 0.25);
    watched.Grow(telemetry::kProcessCpuTime, {{"cpu.mode", "system"}}, 0.25);
  });
  const YAML::Node json = Read(watched.analyser().MetricsJson());
  EXPECT_EQ(json["pods"].as<int>(), 3);
  EXPECT_EQ(json["uptime_s"].as<int>(), 77);
  const auto last = [&](const char* name) {
    const YAML::Node series = json["totals"][name];
    return series[series.size() - 1].as<double>();
  };
  EXPECT_EQ(json["totals"]["rpc_rate"].size(), 71U);
  EXPECT_NEAR(last("rpc_rate"), 10, 1e-4);
  EXPECT_NEAR(last("rpc_error_rate"), 0.1, 1e-4);
  EXPECT_NEAR(last("admitted_rate"), 31, 1e-4);
  EXPECT_NEAR(last("denied_rate"), 10, 1e-4);
  EXPECT_NEAR(last("redis_rate"), 5, 1e-4);
  EXPECT_NEAR(last("cpu_cores"), 0.5, 1e-4);
  EXPECT_NEAR(last("rss_bytes"), 1 << 20, 1);
  EXPECT_THAT(Names(json["limits"]), ElementsAre("busy", "calm"));
  const YAML::Node busy = json["limits"][0];
  EXPECT_NEAR(busy["admitted_rate"].as<double>(), 30, 1e-4);
  EXPECT_NEAR(busy["denied_rate"].as<double>(), 10, 1e-4);
  EXPECT_NEAR(busy["local_share"].as<double>(), 0.5, 1e-4);
  EXPECT_NEAR(busy["used"].as<double>(), 0.25, 1e-4);
  EXPECT_EQ(busy["history"]["admitted"].size(), 60U);
  EXPECT_NEAR(busy["history"]["denied"][59].as<double>(), 10, 0.1);
  EXPECT_EQ(json["limits_left_out"]["count"].as<int>(), 0);
  EXPECT_NEAR(json["redis"]["rate"].as<double>(), 5, 1e-3);
  EXPECT_NEAR(json["redis"]["error_rate"].as<double>(), 0.2, 1e-3);
  EXPECT_NEAR(json["redis"]["errors"]["timeout"].as<double>(), 1, 1e-3);
  EXPECT_EQ(json["redis"]["operations"][0]["method"].as<std::string>(), "GET");
  const YAML::Node method = json["methods"][0];
  EXPECT_EQ(method["method"].as<std::string>(), kAllow);
  EXPECT_NEAR(method["rate"].as<double>(), 10, 1e-3);
  EXPECT_NEAR(method["mean_s"].as<double>(), 0.0001, 1e-6);
  EXPECT_TRUE(method["baseline_mean_s"].IsNull());
}

TEST(Report, PartsAppearWithTheirMetrics) {
  Watched watched;
  int second = 0;
  watched.Run(30, [&] {
    watched.Grow(telemetry::kCacheRequests, {{"cache", "c"}, {"result", "hit"}},
                 9);
    watched.Grow(telemetry::kCacheRequests,
                 {{"cache", "c"}, {"result", "miss"}}, 1);
    watched.Breaker("b", ++second > 20 ? "open" : "closed");
    watched.Pool("p", /*used=*/2, /*idle=*/1, /*fleet=*/6, /*limit=*/20);
  });
  const YAML::Node json = Read(watched.analyser().MetricsJson());
  EXPECT_NEAR(json["caches"][0]["hit_rate"].as<double>(), 0.9, 1e-6);
  EXPECT_NEAR(json["caches"][0]["results"]["hit"].as<double>(), 9, 1e-4);
  EXPECT_EQ(json["breakers"][0]["state"].as<std::string>(), "open");
  EXPECT_EQ(json["breakers"][0]["history"].size(), 2U);
  EXPECT_EQ(json["breakers"][0]["history"][0]["state"].as<std::string>(),
            "closed");
  EXPECT_NEAR(json["pools"][0]["leases"].as<double>(), 5, 1e-6);
  EXPECT_NEAR(json["pools"][0]["used_here"].as<double>(), 2, 1e-6);
  EXPECT_NEAR(json["pools"][0]["used_share"].as<double>(), 0.25, 1e-6);
  EXPECT_EQ(json["pools"][0]["history"]["leases"].size(), 30U);
}

TEST(Report, HealthHasAllChecksAndEachFindingsReasons) {
  Watched watched;
  watched.Run(90, [&] { watched.Call(kGet, 10, 2); });
  const YAML::Node json = Read(watched.analyser().HealthJson());
  EXPECT_THAT(Keys(json), ElementsAre("grade", "score", "status", "window_s",
                                      "checks", "findings", "generated_at"));
  EXPECT_EQ(json["grade"].as<std::string>(), "B");
  EXPECT_EQ(json["score"].as<int>(), 85);
  EXPECT_EQ(json["status"].as<std::string>(), "degraded");
  EXPECT_EQ(json["window_s"].as<int>(), 60);
  EXPECT_THAT(
      Names(json["checks"]),
      ElementsAre("response_time", "response_time_p95", "response_time_p99",
                  "error_rate", "cache_hit_rate", "pool_utilization",
                  "breaker_flapping", "redis_latency", "redis_errors",
                  "throttled_cpu", "memory", "degraded_mode",
                  "cache_unverified", "limit_denied", "telemetry_dropped",
                  "slow_operation"));
  EXPECT_EQ(json["checks"][0]["status"].as<std::string>(), "degraded");
  EXPECT_EQ(json["checks"][0]["value"].as<double>(), 2);
  EXPECT_EQ(json["checks"][0]["threshold"].as<double>(), 1);
  EXPECT_EQ(json["checks"][0]["unit"].as<std::string>(), "s");
  EXPECT_EQ(json["checks"][3]["status"].as<std::string>(), "healthy");
  EXPECT_EQ(json["checks"][4]["status"].as<std::string>(), "no_data");
  const YAML::Node finding = json["findings"][0];
  EXPECT_EQ(finding["id"].as<std::string>(), "response_time");
  EXPECT_EQ(finding["severity"].as<std::string>(), "warning");
  EXPECT_EQ(finding["evidence"]["calls"].as<int>() % 10, 0);
  EXPECT_FALSE(finding["likely_cause"].as<std::string>().empty());
  EXPECT_FALSE(finding["advice"].as<std::string>().empty());
  EXPECT_GT(finding["since"].as<double>(), 1.7e9);
}

TEST(Report, GradeFallsWithWhatIsFound) {
  const auto with = [](int critical, int warning, int info) {
    Health health;
    const auto add = [&](int count, Severity severity) {
      for (int i = 0; i < count; ++i) {
        health.findings.push_back(Describe(kErrorRate, "", severity));
      }
    };
    add(critical, Severity::kCritical);
    add(warning, Severity::kWarning);
    add(info, Severity::kInfo);
    return std::string(1, health.grade()) + " " + health.status();
  };
  EXPECT_EQ(with(0, 0, 0), "A healthy");
  EXPECT_EQ(with(0, 0, 50), "A healthy");
  EXPECT_EQ(with(0, 1, 0), "B degraded");
  EXPECT_EQ(with(0, 2, 0), "C degraded");
  EXPECT_EQ(with(1, 0, 0), "D unhealthy");
  EXPECT_EQ(with(1, 1, 0), "F unhealthy");
  EXPECT_EQ(with(9, 9, 9), "F unhealthy");
}

TEST(Report, EveryKindSaysWhatToDo) {
  for (const Kind* kind : AllKinds()) {
    EXPECT_GT(std::string(kind->likely_cause).size(), 20U) << kind->name;
    EXPECT_GT(std::string(kind->advice).size(), 20U) << kind->name;
  }
}

}  // namespace
}  // namespace outrigger::analyser
