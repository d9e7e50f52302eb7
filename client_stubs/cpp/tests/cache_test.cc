#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>

#include "outrigger/pool/v1/pool.pb.h"
#include "support.h"

namespace outrigger::client {
namespace {

using Text = std::string;

// A codec that cannot do anything.
struct BrokenCodec {
  absl::StatusOr<std::string> Encode(const Text&) const {
    return absl::InvalidArgumentError("cannot");
  }
  absl::StatusOr<Text> Decode(const std::string&) const {
    return absl::DataLossError("cannot");
  }
};

TEST(CacheTest, LoadsOnceAndRemembers) {
  Client client = Connected();
  const Cache profiles = client.cache("profiles");
  const std::string key = Unique("key");
  int loads = 0;
  for (int i = 0; i < 3; ++i) {
    const auto cached = profiles.GetOrLoad<Text>(key, [&loads] {
      ++loads;
      return Text("Ada");
    });
    ASSERT_TRUE(cached.ok()) << cached.status();
    EXPECT_EQ(cached->value, "Ada");
    EXPECT_EQ(cached->loaded, i == 0);
    EXPECT_EQ(cached->source, Source::kSidecar);
  }
  EXPECT_EQ(loads, 1);
}

TEST(CacheTest, LoadersMayAnswerInFourWays) {
  Client client = Connected();
  const Cache profiles = client.cache("profiles");
  EXPECT_EQ(*profiles
                 .GetOrLoad<Text>(Unique("key"),
                                  []() -> absl::StatusOr<Text> { return "A"; })
                 ->value,
            "A");
  EXPECT_EQ(
      profiles
          .GetOrLoad<Text>(Unique("key"),
                           []() -> std::optional<Text> { return std::nullopt; })
          ->value,
      std::nullopt);
  const auto failed = profiles.GetOrLoad<Text>(
      Unique("key"), []() -> absl::StatusOr<std::optional<Text>> {
        return absl::DataLossError("the database says");
      });
  EXPECT_TRUE(absl::IsDataLoss(failed.status()));
}

TEST(CacheTest, WhatALoaderThrowsGoesThroughAndAnotherMayLoadAtOnce) {
  Client client = Connected();
  const Cache profiles = client.cache("profiles");
  const std::string key = Unique("key");
  const auto throws = []() -> Text { throw std::runtime_error("boom"); };
  EXPECT_THROW((void)profiles.GetOrLoad<Text>(key, throws), std::runtime_error);
  const auto cached = profiles.GetOrLoad<Text>(key, [] { return Text("B"); });
  EXPECT_EQ(cached->value, "B");
  EXPECT_TRUE(cached->loaded);
}

TEST(CacheTest, WhatCannotBeDecodedIsLoadedAndNotStored) {
  Client client = Connected();
  const Cache profiles = client.cache("profiles");
  const std::string key = Unique("key");
  ASSERT_TRUE(profiles.Set<Text>(key, "old")->stored);
  const auto cached = profiles.GetOrLoad<Text>(
      key, [] { return Text("new"); }, {}, BrokenCodec());
  EXPECT_EQ(cached->value, "new");
  EXPECT_TRUE(cached->loaded);
  EXPECT_EQ(profiles.Get<Text>(key)->value, "old");
}

TEST(CacheTest, WhatCannotBeEncodedIsStillAnswered) {
  Client client = Connected();
  const Cache profiles = client.cache("profiles");
  const std::string key = Unique("key");
  const auto cached = profiles.GetOrLoad<Text>(
      key, [] { return Text("new"); }, {}, BrokenCodec());
  EXPECT_EQ(cached->value, "new");
  EXPECT_EQ(profiles.Get<Text>(key)->value, std::nullopt);
}

TEST(CacheTest, MessagesHaveACodec) {
  Client client = Connected();
  const Cache profiles = client.cache("profiles");
  const std::string key = Unique("key");
  pool::v1::Endpoint endpoint;
  endpoint.set_address("10.0.0.5:5432");
  ASSERT_TRUE(profiles.Set(key, endpoint)->stored);
  EXPECT_EQ(profiles.Get<pool::v1::Endpoint>(key)->value->address(),
            "10.0.0.5:5432");
}

TEST(CacheTest, AFunctionOfItsArgumentsIsCached) {
  Client client = Connected();
  const std::string prefix = Unique("square");
  auto loads = std::make_shared<std::atomic<int>>(0);
  const auto square =
      client.cache("profiles")
          .Wrap<Text>(
              [prefix](int of) { return absl::StrCat(prefix, ":", of); },
              [loads](int of) {
                ++*loads;
                return absl::StrCat(of * of);
              });
  EXPECT_EQ(square(3)->value, "9");
  EXPECT_EQ(square(3)->value, "9");
  EXPECT_EQ(square(4)->value, "16");
  EXPECT_EQ(*loads, 2);
}

TEST(CacheTest, ConditionsAreKept) {
  Client client = Connected();
  const Cache profiles = client.cache("profiles");
  const std::string key = Unique("key");
  const auto first = profiles.Set<Text>(key, "1", {.if_absent = true});
  ASSERT_TRUE(first->stored);
  EXPECT_FALSE(profiles.Set<Text>(key, "2", {.if_absent = true})->stored);
  EXPECT_TRUE(
      profiles.Set<Text>(key, "2", {.if_version = first->version})->stored);
  EXPECT_FALSE(
      profiles.Set<Text>(key, "3", {.if_version = first->version})->stored);
  ASSERT_TRUE(profiles.SetAbsent(key)->stored);
  EXPECT_EQ(profiles.Get<Text>(key)->value, std::nullopt);
}

TEST(CacheTest, ARefreshThatThrowsHarmsNobody) {
  Client client = Connected();
  const Cache profiles = client.cache("profiles");
  const std::string key = Unique("key");
  ASSERT_TRUE(profiles.Set<Text>(key, "old")->stored);
  auto threw = std::make_shared<std::atomic<bool>>(false);
  ASSERT_TRUE(profiles.Invalidate({.keys = {key}, .soft = true}).ok());
  const auto cached = profiles.GetOrLoad<Text>(key, [threw]() -> Text {
    *threw = true;
    throw std::runtime_error("boom");
  });
  EXPECT_EQ(cached->value, "old");
  EXPECT_TRUE(cached->stale);
  EXPECT_TRUE(Eventually([&] { return threw->load(); }));
  EXPECT_TRUE(Eventually([&] {
    (void)profiles.GetOrLoad<Text>(key, [] { return Text("new"); });
    return profiles.Get<Text>(key)->value == "new";
  }));
}

TEST(CacheTest, WithoutASidecarTheLoaderAnswers) {
  Client client = Connected(WithoutSidecar());
  const Cache profiles = client.cache("profiles");
  const auto cached = profiles.GetOrLoad<Text>("key", [] { return Text("A"); });
  EXPECT_EQ(cached->value, "A");
  EXPECT_EQ(cached->source, Source::kFallback);
  EXPECT_EQ(*profiles.Invalidate({.glob = "*"}), Source::kFallback);
  EXPECT_EQ(profiles.Delete("key")->source, Source::kFallback);
  EXPECT_EQ(client.stats().cache.calls, 3u);
  EXPECT_EQ(client.stats().cache.fallbacks, 3u);
}

}  // namespace
}  // namespace outrigger::client
