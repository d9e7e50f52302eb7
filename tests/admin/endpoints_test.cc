// What the server shows.
#include <gmock/gmock.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "admin/admin_testing.h"
#include "config/describe.h"
#include "telemetry/log.h"

namespace outrigger::admin {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class EndpointsTest : public ::testing::Test {
 protected:
  Views MakeViews() {
    Views views;
    views.checks = [this] {
      absl::MutexLock lock(&mutex_);
      return checks_;
    };
    views.metrics = [this] { return around_.registry.Collect(); };
    views.resource = {{"service.name", "checkout"}};
    views.version = "1.2.3";
    views.config = [] {
      config::Config config;
      config.store.redis.emplace();
      config.store.redis->password = "sesame";
      return config;
    };
    views.performance_health = [] { return std::string("{\"grade\": \"A\"}"); };
    views.files = kFiles;
    views.clock = &around_.clock;
    views.registry = &around_.registry;
    return views;
  }
  int port() const { return server_->port(); }

  static constexpr StaticFile kFiles[] = {
      {"/", "text/html; charset=utf-8", "<!doctype html>", "e1"},
      {"/app.js", "text/javascript", "let a;", "e2"}};

  Around around_;
  absl::Mutex mutex_;
  std::vector<Check> checks_ ABSL_GUARDED_BY(mutex_) = {{.name = "grpc"}};
  std::unique_ptr<Server> server_ = StartServer(around_, Routes(MakeViews()));
};

TEST_F(EndpointsTest, HealthIsOkAsLongAsAllChecksAre) {
  EXPECT_EQ(Get(port(), "/livez").status, 200);
  EXPECT_EQ(Get(port(), "/readyz").body, "ready\n");
  EXPECT_EQ(Get(port(), "/readyz?verbose").body, "[+] grpc: ok\nready\n");
  EXPECT_EQ(Get(port(), "/health").body,
            "{\"ready\": true, \"checks\": [{\"name\": \"grpc\", \"ok\": true, "
            "\"reason\": \"\"}]}\n");
}

TEST_F(EndpointsTest, HealthSaysWhyItIsNot) {
  {
    absl::MutexLock lock(&mutex_);
    checks_ = {{.name = "grpc"},
               {.name = "draining", .ok = false, .reason = "told to stop"}};
  }
  EXPECT_EQ(Get(port(), "/livez").status, 200);
  Answer answer = Get(port(), "/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "not ready: draining: told to stop\n");
  EXPECT_EQ(Get(port(), "/readyz?verbose").body,
            "[+] grpc: ok\n[-] draining: told to stop\n"
            "not ready: draining: told to stop\n");
  answer = Get(port(), "/health");
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("\"ready\": false"));
}

TEST_F(EndpointsTest, MetricsComeInTheFormThatIsAskedFor) {
  around_.registry.GetCounter(telemetry::kConfigReloads).Add(7);
  Answer answer = Get(port(), "/metrics");
  EXPECT_EQ(answer.headers["content-type"],
            "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(answer.body, HasSubstr("outrigger_config_reloads_total{"));
  EXPECT_THAT(answer.body, HasSubstr("target_info{service_name=\"checkout\"}"));
  // As Prometheus asks.
  answer = Get(port(), "/metrics",
               {"Accept: application/openmetrics-text;version=1.0.0,"
                "application/openmetrics-text;version=0.0.1;q=0.75,"
                "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"});
  EXPECT_EQ(answer.headers["content-type"],
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_THAT(answer.body, HasSubstr("# EOF\n"));
  answer = Get(port(), "/metrics", {"Accept: */*"});
  EXPECT_THAT(answer.body, Not(HasSubstr("# EOF")));
}

TEST_F(EndpointsTest, TheConfigurationIsShownWithoutSecrets) {
  Answer answer = Get(port(), "/config");
  EXPECT_EQ(answer.headers["content-type"], "text/plain; charset=utf-8");
  EXPECT_THAT(answer.body, HasSubstr("admin: 127.0.0.1:7421"));
  EXPECT_THAT(answer.body, Not(HasSubstr("sesame")));
  answer = Get(port(), "/config", {"Accept: application/json"});
  EXPECT_EQ(answer.headers["content-type"], "application/json");
  EXPECT_THAT(answer.body, StartsWith("{\"profile\": \"prod\""));
  EXPECT_THAT(answer.body, Not(HasSubstr("sesame")));
}

TEST_F(EndpointsTest, LogLevelsAreShownAndSet) {
  using telemetry::Log;
  Answer answer = Ask(port(), "PUT", "/log-levels", {},
                      R"({"part": "redis", "level": "debug"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("\"*\": \"info\""));
  EXPECT_THAT(answer.body, HasSubstr("\"redis\": \"debug\""));
  EXPECT_EQ(Get(port(), "/log-levels").body, answer.body);
  answer = Ask(port(), "POST", "/log-levels", {},
               R"({"part": "*", "level": "error"})");
  EXPECT_EQ(Log::Minimum(), telemetry::LogLevel::kError);
  Log::SetMinimum(telemetry::LogLevel::kInfo);
  answer = Ask(port(), "PUT", "/log-levels", {},
               R"({"part": "redis", "level": "default"})");
  EXPECT_THAT(answer.body, Not(HasSubstr("\"redis\": \"debug\"")));
}

TEST_F(EndpointsTest, LogLevelsThatMakeNoSenseAreRefused) {
  for (const char* body :
       {"", "{", "[]", "{\"part\": \"redis\"}", "{\"level\": \"debug\"}",
        R"({"part": "redis", "level": "loud"})", R"({"part": ["a"]})",
        R"({"part": "*", "level": "default"})"}) {
    EXPECT_EQ(Ask(port(), "PUT", "/log-levels", {}, body).status, 400) << body;
  }
  EXPECT_EQ(Ask(port(), "PUT", "/log-levels", {"Origin: http://evil.example"},
                R"({"part": "redis", "level": "debug"})")
                .status,
            403);
}

TEST_F(EndpointsTest, ViewsThatThereAreNotAreNotFound) {
  EXPECT_EQ(Get(port(), "/performance/health").body, "{\"grade\": \"A\"}");
  EXPECT_EQ(Get(port(), "/performance/metrics").status, 404);
  const auto bare = StartServer(around_, Routes(Views{}));
  for (const char* path :
       {"/metrics", "/config", "/", "/debug/pprof/profile"}) {
    EXPECT_EQ(Get(bare->port(), path).status, 404) << path;
  }
  EXPECT_EQ(Get(bare->port(), "/readyz").status, 200);
}

TEST_F(EndpointsTest, FilesAreSentOnceAndThenAskedForByTag) {
  Answer answer = Get(port(), "/");
  EXPECT_EQ(answer.body, "<!doctype html>");
  EXPECT_EQ(answer.headers["content-type"], "text/html; charset=utf-8");
  EXPECT_EQ(answer.headers["etag"], "\"e1\"");
  EXPECT_EQ(answer.headers["cache-control"], "no-cache");
  answer = Get(port(), "/", {"If-None-Match: \"e0\", W/\"e1\""});
  EXPECT_EQ(answer.status, 304);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(answer.headers.count("content-length"), 0u);
  EXPECT_EQ(Get(port(), "/app.js", {"If-None-Match: \"e1\""}).body, "let a;");
}

}  // namespace
}  // namespace outrigger::admin
