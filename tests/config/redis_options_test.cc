// The section `store.redis`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "config/config_testing.h"

namespace outrigger::config {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using redis::Mode;
using redis::Options;

std::string Redis(absl::string_view options) {
  return absl::StrCat("store: {redis: {", options, "}}");
}

Options Read(absl::string_view options) {
  const Config config = Good(Redis(options));
  return config.store.redis.value_or(Options{});
}

TEST(RedisOptions, HaveDefaults) {
  const Options options = Read("");
  EXPECT_EQ(options.mode, Mode::kStandalone);
  ASSERT_EQ(options.addresses.size(), 1u);
  EXPECT_EQ(redis::ToString(options.addresses[0]), "127.0.0.1:6379");
  EXPECT_FALSE(options.tls.enabled);
}

TEST(RedisOptions, AnEmptySectionMeansNoRedis) {
  EXPECT_FALSE(Good("store:\n").store.redis.has_value());
  EXPECT_FALSE(Good("store: {}\n").store.redis.has_value());
  EXPECT_FALSE(Good("store: {redis: }\n").store.redis.has_value());
}

TEST(RedisOptions, OptionsWinOverTheUrl) {
  const Options options = Read(
      "prefix: p, timeout: 20ms, connect_timeout: 2s, max_in_flight: 7, "
      "username: u2, database: 3, url: 'rediss://u:p@h:1/2'");
  EXPECT_EQ(redis::ToString(options.addresses[0]), "h:1");
  EXPECT_EQ(options.username, "u2");
  EXPECT_EQ(options.password, "p");
  EXPECT_EQ(options.database, 3);
  EXPECT_TRUE(options.tls.enabled);
  EXPECT_EQ(options.prefix, "p");
  EXPECT_EQ(options.timeout, std::chrono::milliseconds(20));
  EXPECT_EQ(options.connect_timeout, std::chrono::seconds(2));
  EXPECT_EQ(options.max_in_flight, 7);
}

TEST(RedisOptions, KnowClusterAndSentinel) {
  const Options cluster = Read("cluster: ['a:1', b, '[::1]:3']");
  EXPECT_EQ(cluster.mode, Mode::kCluster);
  ASSERT_EQ(cluster.addresses.size(), 3u);
  EXPECT_EQ(redis::ToString(cluster.addresses[1]), "b:6379");
  const Options sentinel = Read(
      "sentinel: {master: m, addresses: ['a:26379'], username: u, "
      "password: p}, database: 1");
  EXPECT_EQ(sentinel.mode, Mode::kSentinel);
  EXPECT_EQ(sentinel.sentinel.master, "m");
  EXPECT_EQ(sentinel.sentinel.password, "p");
  EXPECT_EQ(sentinel.database, 1);
}

TEST(RedisOptions, AnyTlsOptionTurnsTlsOn) {
  EXPECT_TRUE(Read("tls: {ca_file: /ca}").tls.enabled);
  EXPECT_TRUE(Read("tls: {enabled: true}").tls.enabled);
  EXPECT_FALSE(Read("tls: {enabled: false, ca_file: /ca}").tls.enabled);
  EXPECT_FALSE(Read("tls: {}").tls.enabled);
}

TEST(RedisOptions, SayWhatIsWrong) {
  const struct {
    const char* options;
    const char* expected;
  } kCases[] = {
      {"url: 'http://h'", "f:1: column 22: store.redis.url: Redis URL: must "},
      {"url: [a]", "store.redis.url: must be a single value"},
      {"url: 'redis://h', cluster: [a]",
       "store.redis.cluster: only one of url, cluster and sentinel"},
      {"url: 'redis://h', sentinel: {master: m}",
       "store.redis.sentinel: only one of url, cluster and sentinel"},
      {"cluster: [a], sentinel: {master: m, addresses: [b]}",
       "store.redis.sentinel.addresses: only one of url, cluster and"},
      {"sentinel: {master: m}", "store.redis.sentinel: needs addresses"},
      {"sentinel: {addresses: [a]}", "store.redis.sentinel.master: must not"},
      {"cluster: []", "store.redis.cluster: at least one is needed"},
      {"cluster: ['a:0']", "store.redis.cluster[0]: 'a:0' is not host:port"},
      {"cluster: a", "store.redis.cluster: must be a list"},
      {"cluster: [a], database: 1", "store.redis.database: a cluster has only"},
      {"prefix: 'a{b}'", "store.redis.prefix: must be 1 to 64 of"},
      {"timeout: 20s",
       "store.redis.timeout: '20s' is out of range; allowed: "
       "1ms to 10s"},
      {"timeout: 50", "store.redis.timeout: '50' has no unit"},
      {"username: u", "store.redis.username: needs a password"},
      {"password: p, password_file: /f", "store.redis.password_file: not "},
      {"tls: {cert_file: /c}", "store.redis.tls.cert_file: goes together with"},
      {"tls: {cafile: /c}",
       "store.redis.tls.cafile: unknown key (did you mean "
       "ca_file?)"},
      {"max_in_flight: 0", "allowed: 1 to 1000000"},
      {"url: 'unix:///s', tls: {ca_file: /c}", "store.redis.url: a Unix"},
  };
  for (const auto& c : kCases) {
    EXPECT_THAT(Complaints(Redis(c.options)), Contains(HasSubstr(c.expected)))
        << c.options;
  }
  EXPECT_THAT(Complaints("store: {reddis: {}}"),
              ElementsAre(HasSubstr("did you mean redis?")));
}

TEST(RedisOptions, MessagesKeepThePassword) {
  for (const char* url : {"redis://u:sesame@", "redis://u:sesame%zz@h",
                          "redis://u:sesame@h:x", "rediss:u:sesame@h"}) {
    for (const std::string& line :
         Complaints(Redis(absl::StrCat("url: '", url, "'")))) {
      EXPECT_THAT(line, Not(HasSubstr("sesame")));
    }
  }
}

}  // namespace
}  // namespace outrigger::config
