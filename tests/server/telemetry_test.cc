// What a running sidecar tells of itself: pages, metrics, spans, logs.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "admin/http_client.h"
#include "server/program.h"
#include "support/redis_server.h"
#include "support/wait_for.h"

namespace outrigger {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kThree[] =
    "limits: [{name: per_user, key: [user], rate: 3/1h}]\n";
constexpr char kAdmin[] = "  admin: 127.0.0.1:0\n";

Answer Fetch(const Sidecar& sidecar, const std::string& path) {
  return Get(sidecar.AdminPort(), path);
}

// The value of the only line of /metrics that begins with `series`; -1: none.
double Metric(const Sidecar& sidecar, const std::string& series) {
  const std::string body = "\n" + Fetch(sidecar, "/metrics").body;
  const size_t at = body.find("\n" + series);
  if (at == std::string::npos) return -1;
  const size_t value = body.find(' ', at + series.size());
  return std::stod(body.substr(value));
}

std::string Decisions(const std::string& result) {
  return "outrigger_allow_decisions_total{otel_scope_name=\"outrigger\","
         "otel_scope_version=\"0.1.0\",limit=\"per_user\",result=\"" +
         result + "\"}";
}

size_t Count(const std::string& text, const std::string& what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

TEST(AdminTest, ShowsWhatTheSidecarDoes) {
  Sidecar sidecar(kThree, kAdmin);
  for (int i = 0; i < 5; ++i) sidecar.Run({"allow", "user=42"});
  EXPECT_EQ(Fetch(sidecar, "/livez").status, 200);
  EXPECT_EQ(Fetch(sidecar, "/readyz").status, 200);
  EXPECT_EQ(Metric(sidecar, Decisions("allowed")), 3);
  EXPECT_EQ(Metric(sidecar, Decisions("denied")), 2);
  EXPECT_GT(Metric(sidecar, "process_memory_usage_bytes"), 1e6);
  EXPECT_THAT(Fetch(sidecar, "/").body, HasSubstr("<html"));
  EXPECT_THAT(Fetch(sidecar, "/config").body, HasSubstr("per_user"));
  EXPECT_TRUE(WaitFor([&] {
    const std::string body = Fetch(sidecar, "/performance/metrics").body;
    return body.find("\"name\":\"per_user\"") != std::string::npos;
  }));
  EXPECT_THAT(Fetch(sidecar, "/performance/health").body,
              HasSubstr("\"grade\":\"A\""));
}

TEST(AdminTest, TheConfigurationIsTheOneInForce) {
  Sidecar sidecar(kThree, kAdmin);
  sidecar.WriteConfig("limits: [{name: other, key: [user], rate: 9/1h}]\n");
  EXPECT_TRUE(WaitFor([&] {
    return Fetch(sidecar, "/config").body.find("other") != std::string::npos;
  }));
  EXPECT_EQ(Metric(sidecar,
                   "outrigger_config_reloads_total{otel_scope_name="
                   "\"outrigger\",otel_scope_version=\"0.1.0\","
                   "result=\"applied\"}"),
            1);
}

TEST(AdminTest, SaysWhenTheStoreIsLost) {
  RedisServer redis;
  const std::string store = "store: {redis: {url: \"redis://127.0.0.1:" +
                            std::to_string(redis.address().port) + "\"}}\n";
  Sidecar sidecar(store + kThree, kAdmin);
  sidecar.Run({"allow", "user=42"});
  EXPECT_TRUE(WaitFor([&] {
    return Metric(sidecar, "db_client_operation_duration_seconds_count") > 0;
  }));
  EXPECT_EQ(Fetch(sidecar, "/readyz").status, 200);
  redis.Kill();
  EXPECT_TRUE(WaitFor([&] {
    sidecar.Run({"allow", "user=42"});
    return Metric(sidecar, "outrigger_store_degraded_time_seconds_total") > 0;
  }));
  EXPECT_TRUE(WaitFor([&] {
    return Fetch(sidecar, "/performance/metrics")
               .body.find("\"degraded\":true") != std::string::npos;
  }));
  EXPECT_EQ(Fetch(sidecar, "/readyz").status, 200);  // it still answers
}

TEST(AdminTest, ASecondSidecarOnThePortIsRefusedWithAReason) {
  Sidecar sidecar(kThree, kAdmin);
  const Outcome second = RunOutrigger(
      {"serve"}, {{"OUTRIGGER_LISTEN_UNIX", sidecar.File("other.sock")},
                  {"OUTRIGGER_LISTEN_TCP", "off"},
                  {"OUTRIGGER_LISTEN_ADMIN",
                   "127.0.0.1:" + std::to_string(sidecar.AdminPort())}});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, HasSubstr("listen.admin"));
}

TEST(ExportTest, WhatWasDoneIsWhatIsExported) {
  Sidecar sidecar(kThree, "",
                  {{"OTEL_TRACES_EXPORTER", "console"},
                   {"OTEL_METRICS_EXPORTER", "console"},
                   {"OTEL_TRACES_SAMPLER", "always_on"},
                   {"OTEL_SERVICE_NAME", "checkout"}});
  for (int i = 0; i < 5; ++i) sidecar.Run({"allow", "user=42"});
  sidecar.process().Signal(SIGTERM);
  EXPECT_EQ(sidecar.process().ExitCode(), 0);
  const std::string out = sidecar.process().Out();
  EXPECT_EQ(Count(out, "\"name\":\"outrigger.ratelimit.v1.RateLimiter/Allow\""),
            5);
  EXPECT_EQ(Count(out,
                  "\"outrigger.allow.allowed\",\"value\":{\"boolValue\":"
                  "false}"),
            2);
  EXPECT_THAT(out, AllOf(HasSubstr("outrigger.allow.decisions"),
                         HasSubstr("\"stringValue\":\"checkout\"")));
}

TEST(ExportTest, DisabledMeansThatNothingIsExported) {
  Sidecar sidecar(kThree, "",
                  {{"OTEL_SDK_DISABLED", "true"},
                   {"OTEL_TRACES_EXPORTER", "console"},
                   {"OTEL_METRICS_EXPORTER", "console"},
                   {"OTEL_TRACES_SAMPLER", "always_on"}});
  EXPECT_EQ(sidecar.Run({"allow", "user=42"}).exit_code, 0);
  sidecar.process().Signal(SIGTERM);
  EXPECT_EQ(sidecar.process().ExitCode(), 0);
  EXPECT_THAT(sidecar.process().Out(), Not(HasSubstr("resource")));
}

TEST(ExportTest, ACollectorThatIsGoneHoldsNothingUp) {
  Sidecar sidecar(kThree, "",
                  {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"},
                   {"OTEL_TRACES_SAMPLER", "always_on"}});
  EXPECT_EQ(sidecar.Run({"allow", "user=42"}).exit_code, 0);
  sidecar.process().Signal(SIGTERM);
  EXPECT_EQ(sidecar.process().ExitCode(), 0);
}

TEST(LogTest, EachLineIsAnEventAsJson) {
  Sidecar sidecar(kThree);
  sidecar.process().Signal(SIGTERM);
  EXPECT_EQ(sidecar.process().ExitCode(), 0);
  EXPECT_THAT(sidecar.process().Err(),
              AllOf(HasSubstr("{\"time\":\""), HasSubstr("\"part\":\"server\""),
                    HasSubstr("\"message\":\"stopped\"")));
}

}  // namespace
}  // namespace outrigger
