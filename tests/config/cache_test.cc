// The section `cache`: every option, its place when it is wrong, and the
// variables that others use, too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "config/config_testing.h"
#include "config/describe.h"
#include "config/reload.h"

namespace outrigger::config {
namespace {

using cache::NamespaceOptions;
using cache::Policy;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// The only namespace.
NamespaceOptions Only(const Config& config) {
  EXPECT_THAT(config.cache.namespaces, SizeIs(1));
  return config.cache.namespaces.empty() ? NamespaceOptions{}
                                         : config.cache.namespaces[0];
}

TEST(CacheOptions, WithNoneThereIsOneNamespace) {
  const Config config = Good("");
  EXPECT_EQ(config.cache.memory_bytes, 64 << 20);
  NamespaceOptions expected{.name = "default"};
  expected.memory_bytes = 64 << 20;
  EXPECT_EQ(Only(config), expected);
  EXPECT_EQ(Good("cache: {memory: 1GiB}").cache.namespaces[0].memory_bytes,
            1 << 30);
}

TEST(CacheOptions, TakeEveryOption) {
  const NamespaceOptions space = Only(Good(
      "cache: {memory: 2MiB, namespaces: [{name: a, ttl: 1m, ttl_jitter: 0.2, "
      "stale_for: 0, absent_ttl: 1s, fill_timeout: 20ms, policy: tinylfu, "
      "memory: 1MiB, max_entries: 5, max_value: 1KiB, compress_over: 2KiB, "
      "early_refresh: 2.5, refresh_ahead: true, refresh_ahead_per_second: 7, "
      "warm: 0, write_behind: true, max_pending_writes: 9}]}"));
  EXPECT_EQ(space.name, "a");
  EXPECT_EQ(space.ttl, minutes(1));
  EXPECT_EQ(space.ttl_jitter, 0.2);
  EXPECT_EQ(space.stale_for, Duration::zero());
  EXPECT_EQ(space.absent_ttl, seconds(1));
  EXPECT_EQ(space.fill_timeout, milliseconds(20));
  EXPECT_EQ(space.policy, Policy::kTinyLfu);
  EXPECT_EQ(space.memory_bytes, 1 << 20);
  EXPECT_EQ(space.max_entries, 5);
  EXPECT_EQ(space.max_value_bytes, 1024);
  EXPECT_EQ(space.compress_over, 2048);
  EXPECT_EQ(space.early_refresh, 2.5);
  EXPECT_TRUE(space.refresh_ahead);
  EXPECT_EQ(space.refresh_ahead_per_second, 7);
  EXPECT_EQ(space.warm, 0);
  EXPECT_TRUE(space.write_behind);
  EXPECT_EQ(space.max_pending_writes, 9);
}

TEST(CacheOptions, ShareTheMemory) {
  const Config config = Good(
      "cache:\n  memory: 4MiB\n  namespaces:\n"
      "  - {name: a, memory: 2MiB}\n  - {name: b}\n  - {name: c}\n"
      "  - {name: d, max_entries: 0}\n");
  std::vector<int64_t> bytes;
  for (const auto& space : config.cache.namespaces) {
    bytes.push_back(space.memory_bytes);
  }
  EXPECT_THAT(bytes, ElementsAre(2 << 20, 1 << 20, 1 << 20, 0));
}

TEST(CacheOptions, SayWhatIsWrongAndWhere) {
  const struct {
    const char* options;
    const char* expected;
  } kCases[] = {
      {"ttl: 5", "f:1: column 37: cache.namespaces[0].ttl: '5' has no unit"},
      {"ttl: 0", "f:1: column 37: cache.namespaces[0].ttl: must be 1ms to 30"},
      {"ttl: 31d", "cache.namespaces[0].ttl: must be 1ms to 30"},
      {"ttl_jitter: 0.6", "cache.namespaces[0].ttl_jitter: must be 0 to 0.5"},
      {"stale_for: 31d", "cache.namespaces[0].stale_for: must be 0 to 30"},
      {"absent_ttl: 0", "cache.namespaces[0].absent_ttl: must be 1ms"},
      {"fill_timeout: 1ms", "cache.namespaces[0].fill_timeout: must be 10ms"},
      {"policy: random", "'random' is not one of s3fifo, tinylfu, lru, lfu, "},
      {"memory: 1KiB", "cache.namespaces[0].memory: must be 0"},
      {"memory: 65MiB", "f:1: column 8: cache.memory: is less than the"},
      {"max_entries: -1", "cache.namespaces[0].max_entries: '-1' is out"},
      {"max_entries: 100000001", "max_entries: must be 0 to 100000000"},
      {"max_value: 0", "cache.namespaces[0].max_value: must be 1B to 64MiB"},
      {"max_value: 65MiB", "cache.namespaces[0].max_value: must be 1B to 64M"},
      {"compress_over: no", "cache.namespaces[0].compress_over: 'no' "},
      {"early_refresh: 11", "cache.namespaces[0].early_refresh: must be 0"},
      {"refresh_ahead: yes", "refresh_ahead: 'yes' is not one of true, "},
      {"refresh_ahead_per_second: 0", "refresh_ahead_per_second: must be 1"},
      {"warm: 10001", "cache.namespaces[0].warm: must be 0 to 10000"},
      {"max_pending_writes: 1000001", "max_pending_writes: must be 0 to"},
      {"tll: 5m", "cache.namespaces[0].tll: unknown key (did you mean ttl?)"},
  };
  for (const auto& c : kCases) {
    const std::string text =
        absl::StrCat("cache: {namespaces: [{name: a, ", c.options, "}]}");
    EXPECT_THAT(Complaints(text), ElementsAre(HasSubstr(c.expected))) << text;
  }
}

TEST(CacheOptions, AreAListOfNamedOnesWithinTheMemory) {
  EXPECT_THAT(Complaints("cache: {memory: 1KiB}"),
              ElementsAre("f:1: column 17: cache.memory: must be 1MiB to "
                          "1TiB"));
  EXPECT_THAT(Complaints("cache: {namespaces: {a: b}}"),
              ElementsAre(HasSubstr("cache.namespaces: must be a list")));
  EXPECT_THAT(Complaints("cache: {namespaces: [{ttl: 1m}]}"),
              ElementsAre(HasSubstr("cache.namespaces[0].name: is missing")));
  EXPECT_THAT(Complaints("cache: {namespaces: [{name: a b}]}"),
              ElementsAre(HasSubstr("cache.namespaces[0].name: must be 1 to")));
  EXPECT_THAT(
      Complaints("cache:\n  namespaces:\n  - name: a\n  - name: a\n"),
      ElementsAre("f:4: column 11: cache.namespaces[1].name: 'a' is there "
                  "twice; first as cache.namespaces[0]"));
  std::string many = "cache:\n  memory: 1GiB\n  namespaces:\n";
  for (size_t i = 0; i < cache::kMaxNamespaces; ++i) {
    absl::StrAppend(&many, "  - name: n", i, "\n");
  }
  EXPECT_THAT(Good(many).cache.namespaces, SizeIs(cache::kMaxNamespaces));
  EXPECT_THAT(Complaints(many + "  - name: x\n"),
              ElementsAre(HasSubstr("cache.namespaces: has more than 256")));
}

TEST(CacheOptions, AreDescribedAndNeedARestart) {
  const Config config = Good(
      "cache: {memory: 10MiB, namespaces: [{name: a, compress_over: off, "
      "ttl_jitter: 0.01}, {name: b, policy: lru, warm: 3}, {name: c}]}");
  EXPECT_EQ(Good(Describe(config)), config) << Describe(config);
  EXPECT_THAT(RestartOnlyChanges(Good(""), config),
              ElementsAre("cache.memory", "cache.namespaces"));
}

TEST(CacheVariables, MakeTheNamespaceDefault) {
  const NamespaceOptions space =
      Only(Good("", {{"CACHE_MAX_SIZE", "500"},
                     {"CACHE_DEFAULT_TTL", "90"},
                     {"CACHE_EVICTION_POLICY", "LRU"},
                     {"CACHE_COMPRESSION_ENABLED", "true"},
                     {"CACHE_COMPRESSION_THRESHOLD", "2048"}}));
  EXPECT_EQ(space.name, "default");
  EXPECT_EQ(space.max_entries, 500);
  EXPECT_EQ(space.ttl, seconds(90));
  EXPECT_EQ(space.policy, Policy::kLru);
  EXPECT_EQ(space.compress_over, 2048);
}

TEST(CacheVariables, ChangeAFilesNamespaceOfThatName) {
  const char* const kFile =
      "cache: {namespaces: [{name: a}, {name: default, ttl: 1s, "
      "max_entries: 7, compress_over: off}]}";
  const Config config = Good(kFile, {{"CACHE_DEFAULT_TTL", "2m"},
                                     {"CACHE_COMPRESSION_ENABLED", "true"}});
  ASSERT_THAT(config.cache.namespaces, SizeIs(2));
  EXPECT_EQ(config.cache.namespaces[1].ttl, minutes(2));
  EXPECT_EQ(config.cache.namespaces[1].max_entries, 7);
  EXPECT_EQ(config.cache.namespaces[1].compress_over, 1024);
  EXPECT_EQ(config.cache.namespaces[0].ttl, minutes(5));
  const Config off = Good(kFile, {{"CACHE_COMPRESSION_ENABLED", "false"},
                                  {"CACHE_COMPRESSION_THRESHOLD", "1KiB"}});
  EXPECT_EQ(off.cache.namespaces[1].compress_over, -1);
  EXPECT_EQ(Good("", {{"CACHE_COMPRESSION_ENABLED", "true"}}), Good(""));
}

TEST(CacheVariables, AreChecked) {
  EXPECT_THAT(Complaints("", {{"CACHE_MAX_SIZE", "many"}}),
              ElementsAre("environment: CACHE_MAX_SIZE: cache.namespaces[0]."
                          "max_entries: 'many' is not a whole number"));
  EXPECT_THAT(Complaints("", {{"CACHE_EVICTION_POLICY", "fifo"}}),
              ElementsAre(HasSubstr("CACHE_EVICTION_POLICY: cache.namespaces"
                                    "[0].policy: 'fifo' is not one of")));
  EXPECT_THAT(Complaints("", {{"CACHE_COMPRESSION_ENABLED", "maybe"}}),
              ElementsAre("environment: CACHE_COMPRESSION_ENABLED: 'maybe' is "
                          "not true or false"));
  EXPECT_THAT(Complaints("cache: {namespaces: 5}", {{"CACHE_MAX_SIZE", "5"}}),
              Contains(HasSubstr("cache.namespaces: must be a list")));
}

}  // namespace
}  // namespace outrigger::config
