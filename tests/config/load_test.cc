// The whole: defaults, profiles, listening, and files.
#include "config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "config/config_testing.h"
#include "config/reload.h"
#include "config/text/yaml.h"

namespace outrigger::config {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(Load, NothingIsAValidConfiguration) {
  const Config config = Good("");
  EXPECT_EQ(config.profile, Profile::kProd);
  EXPECT_THAT(config.listen.unix_path, HasSubstr("/outrigger/outrigger.sock"));
  EXPECT_EQ(ToString(*config.listen.tcp), "127.0.0.1:7420");
  EXPECT_EQ(ToString(*config.listen.admin), "127.0.0.1:7421");
  EXPECT_EQ(config.server.threads, 1);
  EXPECT_EQ(config.server.max_message_bytes, 9 << 20);
  EXPECT_EQ(config.server.drain_timeout, std::chrono::seconds(25));
  EXPECT_FALSE(config.store.redis.has_value());
  EXPECT_THAT(config.limits, ElementsAre());
  EXPECT_THAT(config.warnings, ElementsAre());
  EXPECT_TRUE(Load("", {}).ok());
}

// contract.md's example, but for the parts that are to come.
TEST(Load, ReadsTheContractsExample) {
  const Config config = Good(R"(
listen: {unix: /run/outrigger/outrigger.sock, tcp: 127.0.0.1:7420, admin: 127.0.0.1:7421}
store:                                  # absent: the embedded store
  redis: {url: "redis://127.0.0.1:6379/0", prefix: "outrigger", timeout: 50ms}
limits:
- name: per_user
  key: [user]
  match: {route: "/checkout*"}
  rate: 100/1m
  burst: 200
  algorithm: token_bucket
  coordination: leased
  on_store_loss: share
  overrides: [{match: {tier: gold}, rate: 1000/1s, burst: 2000}, {match: {user: batch}, unlimited: true}]
  shadow: false
- name: upstream
  key: [service]
  algorithm: adaptive
  adaptive: {initial: 100/1s, floor: 10/1s, ceiling: 200/1s, increase: 10, decrease: 20}
cache:
  memory: 64MiB
  namespaces:
  - {name: profiles, ttl: 5m, stale_for: 30s, policy: s3fifo, compress_over: 1KiB, refresh_ahead: true, max_entries: 100000}
telemetry: {service_name: checkout, otlp: "http://127.0.0.1:4317", traces_ratio: 0.01}
)");
  EXPECT_EQ(config.listen.unix_path, "/run/outrigger/outrigger.sock");
  EXPECT_EQ(config.store.redis->prefix, "outrigger");
  EXPECT_THAT(config.limits, SizeIs(2));
  EXPECT_EQ(config.limits[1].adaptive.decrease_percent, 20);
  ASSERT_THAT(config.cache.namespaces, SizeIs(1));
  EXPECT_EQ(config.cache.namespaces[0].name, "profiles");
  EXPECT_TRUE(config.cache.namespaces[0].refresh_ahead);
  EXPECT_EQ(config.telemetry.service_name, "checkout");
  EXPECT_EQ(config.telemetry.otlp, "http://127.0.0.1:4317");
  EXPECT_EQ(config.telemetry.traces_ratio, 0.01);
}

TEST(Load, ReportsAllProblemsByLine) {
  EXPECT_THAT(
      Complaints("server: {threads: 0}\nlisen: {}\nlimits:\n- {name: a}\n"
                 "telemetry: {log_level: loud}\n"),
      ElementsAre("f:1: column 19: server.threads: '0' is out of range; "
                  "allowed: 1 to 64",
                  "f:2: column 1: lisen: unknown key (did you mean listen?)",
                  HasSubstr("f:4: column 3: limits[0].rate: is missing"),
                  HasSubstr("f:5: column 24: telemetry.log_level: 'loud' is "
                            "not one of debug, info, warning, error")));
}

TEST(Load, ChecksEachOption) {
  const struct {
    const char* text;
    const char* expected;
  } kCases[] = {
      {"[1]", "f:1: column 1: must be a map of options, not a list"},
      {"hello", "f:1: column 1: must be a map of options, not a single value"},
      {"server: 5", "server: must be a map of options, not a single value"},
      {"server: {threads: 65}", "'65' is out of range; allowed: 1 to 64"},
      {"server: {threads: two}", "server.threads: 'two' is not a whole number"},
      {"server: {threads: }", "server.threads: has no value"},
      {"server: {threads: {a: b}}", "must be a single value, not a map"},
      {"server: {max_message: 4}", "server.max_message: '4' has no unit"},
      {"server: {max_message: 1B}", "out of range; allowed: 1KiB to 64MiB"},
      {"server: {max_streams: 0}", "allowed: 1 to 100000"},
      {"server: {max_parked: -1}", "allowed: 0 to 1000000"},
      {"server: {max_keys: 0}", "allowed: 1 to 100000000"},
      {"server: {drain_timeout: 2h}", "allowed: 0 to 1h"},
      {"listen: {unix: x.sock}", "listen.unix: 'x.sock' is not an absolute"},
      {"listen: {unix_mode: 888}", "listen.unix_mode: '888' is not a mode"},
      {"listen: {unix_mode: 07777}", "listen.unix_mode: '07777' is not a mode"},
      {"listen: {unix_mode: '-77'}", "listen.unix_mode: '-77' is not a mode"},
      {"listen: {tcp: 7420}", "listen.tcp: '7420' has no port"},
      {"listen: {unix: off, tcp: off}", "listen: unix and tcp are both off"},
      {"listen: {admin: 127.0.0.1:7420}", "listen.admin: is the same address"},
      {"telemetry: {traces_ratio: 1.5}", "out of range; allowed: 0 to 1"},
      {"telemetry: {traces_ratio: -1}", "'-1' is not a number"},
      {"telemetry: {otlp: 'ftp://x'}", "telemetry.otlp: 'ftp://x' is not off"},
      {"telemetry: {otlp: 'http://'}", "telemetry.otlp: 'http://' is not off"},
      {"telemetry: {service_name: ''}", "must have 1 to 255 bytes"},
      {"profile: staging", "profile: 'staging' is not one of prod, dev, test"},
      {"profile: [dev]", "profile: must be a single value, not a list"},
      {"\"a\\nb\": 1", "a\\nb: unknown key"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(Complaints(c.text), Contains(HasSubstr(c.expected))) << c.text;
  }
}

TEST(Load, TakesEachOption) {
  const Config config = Good(R"(
listen: {unix: off, unix_mode: 0600, unix_owner: "app:app", tcp: "[::1]:1", admin: off,
         admin_token_file: /etc/token}
server: {threads: 2, max_message: 1MiB, max_streams: 5, max_parked: 0, max_keys: 9, drain_timeout: 0}
telemetry: {otlp: off, log_level: error}
)");
  EXPECT_EQ(config.listen.unix_path, "");
  EXPECT_EQ(config.listen.unix_mode, 0600);
  EXPECT_EQ(config.listen.unix_owner, "app:app");
  EXPECT_EQ(config.listen.tcp->host, "::1");
  EXPECT_FALSE(config.listen.admin.has_value());
  EXPECT_EQ(config.listen.admin_token_file, "/etc/token");
  EXPECT_EQ(config.server.threads, 2);
  EXPECT_EQ(config.server.max_message_bytes, 1 << 20);
  EXPECT_EQ(config.server.max_streams, 5);
  EXPECT_EQ(config.server.max_parked, 0);
  EXPECT_EQ(config.server.max_keys, 9);
  EXPECT_EQ(config.server.drain_timeout, Duration::zero());
  EXPECT_EQ(config.telemetry.otlp, "");
  EXPECT_EQ(config.telemetry.log_level, telemetry::LogLevel::kError);
}

TEST(Load, WillNotListenInTheOpenByAccident) {
  const char* const kTls = "tls: {cert_file: /c, key_file: /k}";
  const struct {
    std::string listen;
    const char* expected;  // empty: fine
  } kCases[] = {
      {"tcp: 0.0.0.0:7420", "listen.tcp: 0.0.0.0:7420 can be reached from "},
      {"tcp: '[::]:7420'", "listen.tcp: [::]:7420 can be reached from"},
      {"tcp: '10.0.0.1:7420'", "listen.tcp: 10.0.0.1:7420 can be reached"},
      {"tcp: 0.0.0.0:7420, insecure: true", ""},
      {std::string("tcp: 0.0.0.0:7420, ") + kTls, ""},
      {"tcp: localhost:7420", ""},
      {"admin: 0.0.0.0:7421", "listen.admin: 0.0.0.0:7421 can be reached"},
      {std::string("admin: 0.0.0.0:7421, ") + kTls, ""},
      {"admin: 0.0.0.0:7421, admin_token_file: /t", ""},
      {std::string("admin_tls: true, ") + kTls, ""},
      {"admin_tls: true", "listen.admin_tls: needs listen.tls"},
      {"admin: 0.0.0.0:7421, insecure: true", ""},
      {"tls: {cert_file: /c}", "cert_file and key_file go together"},
      {"tls: {key_file: /k}", "listen.tls.key_file: cert_file and key_file go"},
      {"tls: {client_ca_file: /a}", "needs cert_file and key_file"},
      {"tls: {cert_file: /c, key_file: /k, require_client_cert: true}",
       "listen.tls.require_client_cert: needs client_ca_file"},
      {"tls: {cert_file: /c, key_file: /k, client_ca_file: /a, "
       "require_client_cert: true}",
       ""},
  };
  for (const auto& c : kCases) {
    const std::string text = "listen: {" + c.listen + "}";
    if (*c.expected == '\0') {
      EXPECT_THAT(Complaints(text), ElementsAre()) << text;
    } else {
      EXPECT_THAT(Complaints(text), Contains(HasSubstr(c.expected))) << text;
    }
  }
}

TEST(Load, AdminIsHttpsWhereOthersCanReachIt) {
  const auto uses_tls = [](const std::string& listen) {
    return Good("listen: {tls: {cert_file: /c, key_file: /k}, " + listen + "}")
        .listen.admin_uses_tls();
  };
  EXPECT_FALSE(uses_tls("admin: 127.0.0.1:1"));
  EXPECT_TRUE(uses_tls("admin: 127.0.0.1:1, admin_tls: true"));
  EXPECT_TRUE(uses_tls("admin: 0.0.0.0:1"));
  EXPECT_TRUE(uses_tls("admin: 0.0.0.0:1, insecure: true"));
  EXPECT_FALSE(Good("listen: {admin: 0.0.0.0:1, insecure: true}")
                   .listen.admin_uses_tls());
}

TEST(Load, AProfileSetsDefaultsAndSingleOptionsOverrideIt) {
  const Config dev = Good("profile: dev");
  EXPECT_EQ(dev.profile, Profile::kDev);
  EXPECT_EQ(dev.telemetry.log_level, telemetry::LogLevel::kDebug);
  EXPECT_EQ(dev.server.drain_timeout, std::chrono::seconds(1));
  EXPECT_EQ(dev.listen.tcp->port, 7420);
  const Config test = Good("profile: test");
  EXPECT_EQ(test.listen.tcp->port, 0);
  EXPECT_EQ(test.listen.admin->port, 0);
  EXPECT_EQ(test.telemetry.traces_ratio, 0);
  const Config mixed = Good("telemetry: {log_level: error}\nprofile: dev",
                            {{"OUTRIGGER_SERVER_DRAIN_TIMEOUT", "3s"}});
  EXPECT_EQ(mixed.telemetry.log_level, telemetry::LogLevel::kError);
  EXPECT_EQ(mixed.telemetry.traces_ratio, 1);
  EXPECT_EQ(mixed.server.drain_timeout, std::chrono::seconds(3));
  EXPECT_EQ(Good("profile: dev", {{"OUTRIGGER_PROFILE", "prod"}}),
            Good("profile: prod"));
}

TEST(Load, NamesWhatNeedsARestart) {
  const Config running = Good("limits: [{name: a, rate: 1/s}]");
  EXPECT_THAT(RestartOnlyChanges(running, running), ElementsAre());
  EXPECT_THAT(
      RestartOnlyChanges(running, Good("limits: [{name: b, rate: 2/s}]\n"
                                       "telemetry: {log_level: debug}")),
      ElementsAre());
  EXPECT_THAT(RestartOnlyChanges(
                  running, Good("server: {threads: 2}\n"
                                "listen: {tcp: 127.0.0.1:1}\nstore: {redis: {}}"
                                "\ntelemetry: {service_name: x}")),
              ElementsAre("store.redis", "listen.tcp", "server.threads",
                          "telemetry.service_name"));
  EXPECT_THAT(RestartOnlyChanges(Good("store: {redis: {url: 'redis://:a@h'}}"),
                                 Good("store: {redis: {url: 'redis://:b@h'}}")),
              ElementsAre("store.redis.password"));
}

class LoadFile : public ::testing::Test {
 protected:
  LoadFile() {
    std::string path = std::filesystem::temp_directory_path() / "configXXXXXX";
    folder_ = mkdtemp(path.data());
  }
  ~LoadFile() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& text) {
    const std::string path = folder_ + "/c.yaml";
    std::ofstream(path) << text;
    return path;
  }

  std::string folder_;
};

TEST_F(LoadFile, ReadsIt) {
  const auto config = Load(Write("server: {threads: 3}\n"), {});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->server.threads, 3);
}

TEST_F(LoadFile, TellsWhatIsWrongInOneLineEach) {
  const std::string path = Write("server: {threads: x}\na: b\n");
  const auto config = Load(path, {});
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(config.status().message(),
            path +
                ":1: column 19: server.threads: 'x' is not a whole number\n" +
                path + ":2: column 1: a: unknown key");
}

TEST_F(LoadFile, TellsWhyItCannotBeRead) {
  EXPECT_EQ(
      Load(folder_ + "/none.yaml", {}).status(),
      absl::NotFoundError(folder_ + "/none.yaml: No such file or directory"));
  EXPECT_THAT(Load(folder_, {}).status().message(),
              HasSubstr("Is a directory"));
  const std::string large = Write(std::string(kMaxYamlBytes + 1, '\n'));
  EXPECT_THAT(Load(large, {}).status().message(),
              HasSubstr("has more than 1048576 bytes"));
}

}  // namespace
}  // namespace outrigger::config
