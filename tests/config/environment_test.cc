// Variables over the file: Outrigger's own, and those that others use too.
#include "config/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config_table.h"
#include "config/config_testing.h"

namespace outrigger::config {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(Environment, ComesFromTheProcess) {
  const char* const entries[] = {"A=1", "B=", "C=x=y", "broken", nullptr};
  EXPECT_EQ(EnvironmentFrom(entries),
            (Environment{{"A", "1"}, {"B", ""}, {"C", "x=y"}}));
}

TEST(Environment, OverridesTheFile) {
  const Config config = Good("listen: {tcp: 127.0.0.1:1}\nserver: {threads: 2}",
                             {{"OUTRIGGER_LISTEN_TCP", "127.0.0.1:2"},
                              {"OUTRIGGER_STORE_REDIS_URL", "redis://h:9"},
                              {"OUTRIGGER_STORE_REDIS_TLS_CA_FILE", "/ca"},
                              {"OUTRIGGER_TELEMETRY_LOG_LEVEL", "error"}});
  EXPECT_EQ(config.listen.tcp->port, 2);
  EXPECT_EQ(config.server.threads, 2);
  EXPECT_EQ(redis::ToString(config.store.redis->addresses[0]), "h:9");
  EXPECT_EQ(config.store.redis->tls.ca_file, "/ca");
  EXPECT_EQ(config.telemetry.log_level, telemetry::LogLevel::kError);
}

TEST(Environment, GivesListsWithCommas) {
  const Config config =
      Good("", {{"OUTRIGGER_STORE_REDIS_CLUSTER", "a:1, b:2,c"}});
  ASSERT_THAT(config.store.redis->addresses, SizeIs(3));
  EXPECT_EQ(redis::ToString(config.store.redis->addresses[1]), "b:2");
}

TEST(Environment, EveryOptionHasAVariableOfItsOwn) {
  std::map<std::string, std::string> seen;
  for (const FieldInfo& field : Infos(ConfigTable())) {
    const auto [other, is_new] =
        seen.emplace(VariableOf(field.path), field.path);
    EXPECT_TRUE(is_new) << field.path << " and " << other->second;
  }
  EXPECT_EQ(VariableOf("store.redis.tls.ca_file"),
            "OUTRIGGER_STORE_REDIS_TLS_CA_FILE");
}

TEST(Environment, AnEmptyValueCountsAsUnset) {
  EXPECT_EQ(Good("server: {threads: 2}", {{"OUTRIGGER_SERVER_THREADS", ""},
                                          {"OUTRIGGER_NONSENSE", ""},
                                          {"RATE_LIMIT_PER_SECOND", ""}}),
            Good("server: {threads: 2}"));
}

TEST(Environment, IsCheckedLikeTheFile) {
  EXPECT_THAT(Complaints("", {{"OUTRIGGER_SERVER_THREADS", "many"}}),
              ElementsAre("environment: OUTRIGGER_SERVER_THREADS: "
                          "server.threads: 'many' is not a whole number"));
  EXPECT_THAT(Complaints("", {{"OUTRIGGER_LISTEN_TCP", "0.0.0.0:1"}}),
              ElementsAre(HasSubstr("environment: OUTRIGGER_LISTEN_TCP: "
                                    "listen.tcp: 0.0.0.0:1 can be reached")));
  EXPECT_THAT(Complaints("", {{"OUTRIGGER_STORE_REDIS_CLUSTER", "a:b"}}),
              ElementsAre(HasSubstr("environment: OUTRIGGER_STORE_REDIS_CLUSTER"
                                    ": store.redis.cluster[0]: 'a:b' is")));
}

TEST(Environment, KnowsItsNames) {
  EXPECT_THAT(Complaints("", {{"OUTRIGGER_SERVER_TREADS", "2"}}),
              ElementsAre("environment: OUTRIGGER_SERVER_TREADS: no option has "
                          "this variable (did you mean "
                          "OUTRIGGER_SERVER_THREADS?)"));
  EXPECT_THAT(Complaints("", {{"OUTRIGGER_LIMITS", "x"}}), SizeIs(1));
  EXPECT_THAT(Complaints("", {{"OUTRIGGER_CONFIG", "/x"},
                              {"OUTRIGGER_TARGET", "unix:///x"},
                              {"OUTRIGGERS", "x"},
                              {"PATH", "/bin"}}),
              ElementsAre());
}

// A Service that is called outrigger, or outrigger-admin.
TEST(Environment, LeavesKubernetesAlone) {
  EXPECT_THAT(
      Complaints("", {{"OUTRIGGER_SERVICE_HOST", "10.0.0.1"},
                      {"OUTRIGGER_SERVICE_PORT", "7420"},
                      {"OUTRIGGER_SERVICE_PORT_GRPC", "7420"},
                      {"OUTRIGGER_PORT", "tcp://10.0.0.1:7420"},
                      {"OUTRIGGER_PORT_7420_TCP", "tcp://10.0.0.1:7420"},
                      {"OUTRIGGER_PORT_7420_TCP_PROTO", "tcp"},
                      {"OUTRIGGER_PORT_7420_TCP_PORT", "7420"},
                      {"OUTRIGGER_PORT_7420_TCP_ADDR", "10.0.0.1"},
                      {"OUTRIGGER_ADMIN_SERVICE_HOST", "10.0.0.2"},
                      {"OUTRIGGER_ADMIN_PORT_1_UDP_ADDR", "10.0.0.2"}}),
      ElementsAre());
  EXPECT_THAT(Complaints("", {{"OUTRIGGER_LISTEN_TCP_ADDR", "x"}}), SizeIs(1));
}

TEST(WellKnown, OneRateMakesTheLimitDefault) {
  const Config minute = Good("", {{"RATE_LIMIT_REQUESTS_PER_MINUTE", "600"}});
  ASSERT_THAT(minute.limits, SizeIs(1));
  EXPECT_EQ(minute.limits[0].name, "default");
  EXPECT_THAT(minute.limits[0].key, ElementsAre());
  EXPECT_EQ(minute.limits[0].shape.tokens, 600);
  EXPECT_EQ(minute.limits[0].shape.period_us, 60'000'000);
  EXPECT_EQ(minute.limits[0].shape.burst, 600);
  const Config second = Good(
      "", {{"RATE_LIMIT_PER_SECOND", "5"}, {"RATE_LIMIT_BURST_SIZE", "9"}});
  ASSERT_THAT(second.limits, SizeIs(1));
  EXPECT_EQ(second.limits[0].shape.period_us, 1'000'000);
  EXPECT_EQ(second.limits[0].shape.burst, 9);
}

TEST(WellKnown, TwoRatesMakeTwoLimits) {
  const Config config = Good("limits: [{name: a, rate: 1/s}]",
                             {{"RATE_LIMIT_PER_SECOND", "5"},
                              {"RATE_LIMIT_REQUESTS_PER_MINUTE", "60"},
                              {"RATE_LIMIT_BURST_SIZE", "7"}});
  ASSERT_THAT(config.limits, SizeIs(3));
  EXPECT_EQ(config.limits[1].name, "default_per_minute");
  EXPECT_EQ(config.limits[2].name, "default_per_second");
  EXPECT_EQ(config.limits[1].shape.burst, 7);
  EXPECT_EQ(config.limits[2].shape.burst, 7);
}

TEST(WellKnown, RatesChangeAFilesLimitOfThatName) {
  const Config config =
      Good("limits: [{name: default, key: [user], rate: 1/s}]",
           {{"RATE_LIMIT_PER_SECOND", "5"}});
  ASSERT_THAT(config.limits, SizeIs(1));
  EXPECT_THAT(config.limits[0].key, ElementsAre("user"));
  EXPECT_EQ(config.limits[0].shape.tokens, 5);
  EXPECT_EQ(Good("limits: [{name: default, rate: 1/s}]",
                 {{"RATE_LIMIT_BURST_SIZE", "4"}})
                .limits[0]
                .shape.burst,
            4);
}

TEST(WellKnown, BadRatesAreErrors) {
  EXPECT_THAT(Complaints("", {{"RATE_LIMIT_PER_SECOND", "fast"}}),
              ElementsAre(HasSubstr("environment: RATE_LIMIT_PER_SECOND: "
                                    "limits[0].rate: 'fast/1s' is not a")));
  EXPECT_THAT(Complaints("limits: 5", {{"RATE_LIMIT_PER_SECOND", "1"}}),
              ElementsAre(HasSubstr("limits: must be a list")));
}

TEST(WellKnown, TheSwitchDecidesWhetherThereIsARedis) {
  const char* const kFile = "store: {redis: {url: 'redis://h:1'}}";
  EXPECT_FALSE(
      Good(kFile, {{"RATE_LIMIT_USE_REDIS", "false"}}).store.redis.has_value());
  EXPECT_FALSE(Good("", {{"RATE_LIMIT_USE_REDIS", "FALSE"},
                         {"OUTRIGGER_STORE_REDIS_URL", "redis://h"}})
                   .store.redis.has_value());
  EXPECT_EQ(redis::ToString(Good(kFile, {{"RATE_LIMIT_USE_REDIS", "true"}})
                                .store.redis->addresses[0]),
            "h:1");
  EXPECT_EQ(redis::ToString(Good("", {{"RATE_LIMIT_USE_REDIS", "true"}})
                                .store.redis->addresses[0]),
            "127.0.0.1:6379");
  EXPECT_THAT(Complaints("", {{"RATE_LIMIT_USE_REDIS", "maybe"}}),
              ElementsAre("environment: RATE_LIMIT_USE_REDIS: 'maybe' is not "
                          "true or false"));
}

TEST(WellKnown, OpenTelemetrysNamesAreWeakerThanOurs) {
  const Environment otel = {{"OTEL_SERVICE_NAME", "shop"},
                            {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4317"}};
  EXPECT_EQ(Good("telemetry: {service_name: x}", otel).telemetry.service_name,
            "shop");
  EXPECT_EQ(Good("", otel).telemetry.otlp, "http://c:4317");
  Environment both = otel;
  both["OUTRIGGER_TELEMETRY_SERVICE_NAME"] = "ours";
  EXPECT_EQ(Good("", both).telemetry.service_name, "ours");
}

TEST(WellKnown, ABurstWithoutARateOnlyWarns) {
  EXPECT_THAT(Good("", {{"RATE_LIMIT_BURST_SIZE", "1"}}).warnings,
              ElementsAre(HasSubstr("environment: RATE_LIMIT_BURST_SIZE: "
                                    "warning: has no effect without")));
}

}  // namespace
}  // namespace outrigger::config
