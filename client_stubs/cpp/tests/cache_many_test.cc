#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fake_cache.h"
#include "support.h"

namespace outrigger::client {
namespace {

using Text = std::string;

TEST(CacheManyTest, ManyAreLoadedByOneCall) {
  Client client = Connected();
  const Cache profiles = client.cache("profiles");
  const std::string known = Unique("key");
  const std::string unknown = Unique("key");
  const std::string nobody = Unique("key");
  ASSERT_TRUE(profiles.Set<Text>(known, "K")->stored);
  int loads = 0;
  const auto loader = [&loads, unknown](const std::vector<std::string>& keys)
      -> absl::StatusOr<std::map<std::string, Text>> {
    ++loads;
    EXPECT_EQ(keys.size(), 2u);
    return std::map<std::string, Text>{{unknown, "U"}};
  };
  for (int i = 0; i < 2; ++i) {
    const auto cached =
        profiles.GetOrLoadMany<Text>({known, unknown, nobody}, loader);
    ASSERT_TRUE(cached.ok()) << cached.status();
    EXPECT_EQ(cached->values.at(known), "K");
    EXPECT_EQ(cached->values.at(unknown), "U");
    EXPECT_EQ(cached->values.at(nobody), std::nullopt);
    EXPECT_EQ(cached->loaded.size(), i == 0 ? 2u : 0u);
  }
  EXPECT_EQ(loads, 1);
}

// Loads all that it is asked for, and counts.
class ManyLoader {
 public:
  explicit ManyLoader(std::size_t bytes = 1) : bytes_(bytes) {}

  std::map<std::string, Text> operator()(const std::vector<std::string>& keys) {
    ++*loads_;
    std::map<std::string, Text> values;
    for (const std::string& key : keys) values[key] = Text(bytes_, 'v');
    EXPECT_EQ(values.size(), keys.size());
    return values;
  }

  int loads() const { return *loads_; }

 private:
  std::size_t bytes_;
  std::shared_ptr<std::atomic<int>> loads_ =
      std::make_shared<std::atomic<int>>(0);
};

TEST(CacheManyTest, AKeyThatIsThereTwiceIsAskedAndLoadedOnce) {
  Client client = Connected();
  const std::string one = Unique("key");
  const std::string two = Unique("key");
  const ManyLoader loader;
  const auto cached = client.cache("profiles")
                          .GetOrLoadMany<Text>({one, two, one, one}, loader);
  ASSERT_TRUE(cached.ok()) << cached.status();
  EXPECT_EQ(cached->loaded, (std::vector<std::string>{one, two}));
  EXPECT_EQ(loader.loads(), 1);
}

TEST(CacheManyTest, WhatOthersLoadIsLoadedByOneCallOnceTheWaitIsOver) {
  FakeCache fake;
  Client client = Connected(fake.Target());
  const ManyLoader loader;
  const auto cached = client.cache("any").GetOrLoadMany<Text>(
      {"other1", "other2", "other3"}, loader,
      {.max_wait = absl::ZeroDuration()});
  ASSERT_TRUE(cached.ok()) << cached.status();
  EXPECT_EQ(cached->loaded.size(), 3u);
  EXPECT_EQ(cached->source, Source::kSidecar);
  EXPECT_EQ(loader.loads(), 1);
  EXPECT_TRUE(fake.waits().empty());
}

TEST(CacheManyTest, WhatOthersLoadIsLoadedByOneCallOnceThereIsNoAnswer) {
  FakeCache fake;
  Client client = Connected(fake.Target());
  const ManyLoader loader;
  const auto cached = client.cache("any").GetOrLoadMany<Text>(
      {"other1", "other2", "other3"}, loader, {.max_wait = absl::Hours(1)});
  ASSERT_TRUE(cached.ok()) << cached.status();
  EXPECT_EQ(cached->loaded.size(), 3u);
  EXPECT_EQ(cached->source, Source::kFallback);
  EXPECT_EQ(loader.loads(), 1);
  EXPECT_EQ(fake.waits().size(), 1u);
  EXPECT_EQ(client.stats().cache.fallbacks, 1u);
  EXPECT_TRUE(fake.stored().empty());
}

TEST(CacheManyTest, WhatOthersLoadIsWaitedForUntilOneTime) {
  FakeCache fake;
  Client client = Connected(fake.Target());
  const ManyLoader loader;
  const auto cached = client.cache("any").GetOrLoadMany<Text>(
      {"slow1", "slow2", "slow3"}, loader, {.max_wait = absl::Hours(1)});
  ASSERT_TRUE(cached.ok()) << cached.status();
  EXPECT_EQ(cached->source, Source::kSidecar);
  EXPECT_EQ(loader.loads(), 1);
  EXPECT_TRUE(fake.stored().empty());
  // Who is asked later has so much less time.
  const std::vector<absl::Duration> waits = fake.waits();
  ASSERT_EQ(waits.size(), 3u);
  EXPECT_LE(waits[0], absl::Hours(1));
  EXPECT_LT(waits[1], waits[0]);
  EXPECT_LT(waits[2], waits[1]);
}

TEST(CacheManyTest, ManyLargeValuesGoInSeveralMessages) {
  FakeCache fake;
  Client client = Connected(fake.Target());
  const auto cached = client.cache("any").GetOrLoadMany<Text>(
      {"1", "2", "3", "4", "5", "6"}, ManyLoader(/*bytes=*/2 << 20));
  ASSERT_TRUE(cached.ok()) << cached.status();
  EXPECT_EQ(fake.stored().size(), 6u);
  EXPECT_LE(fake.largest(), 4u << 20);
}

TEST(CacheManyTest, OneThatCannotBeStoredDoesNotKeepTheOthersFromIt) {
  FakeCache fake;
  Client client = Connected(fake.Target());
  const auto cached =
      client.cache("any").GetOrLoadMany<Text>({"1", "bad", "2"}, ManyLoader());
  ASSERT_TRUE(cached.ok()) << cached.status();
  EXPECT_EQ(cached->values.at("bad"), "v");
  EXPECT_EQ(fake.stored(), (std::set<std::string>{"1", "2"}));
  EXPECT_TRUE(Eventually(
      [&] { return fake.abandoned() == std::set<std::string>{"bad"}; }));
}

TEST(CacheManyTest, AValueBeyondAMessagesLimitLetsAnotherLoad) {
  FakeCache fake;
  Client client = Connected(fake.Target());
  const Cache cache = client.cache("any");
  const Text large(10 << 20, 'v');
  EXPECT_EQ(cache.GetOrLoad<Text>("one", [&] { return large; })->value, large);
  const auto cached = cache.GetOrLoadMany<Text>(
      {"1", "large", "2"}, [&](const std::vector<std::string>&) {
        return std::map<std::string, Text>{
            {"1", "v"}, {"2", "v"}, {"large", large}};
      });
  ASSERT_TRUE(cached.ok()) << cached.status();
  EXPECT_EQ(cached->values.at("large"), large);
  EXPECT_EQ(fake.stored(), (std::set<std::string>{"1", "2"}));
  EXPECT_TRUE(Eventually([&] {
    return fake.abandoned() == std::set<std::string>{"large", "one"};
  }));
}

}  // namespace
}  // namespace outrigger::client
