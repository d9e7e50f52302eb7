// The cache store as an ACL user of Redis, and without memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "redis/cache/layout.h"
#include "redis/cache_pod.h"

namespace outrigger::redis {
namespace {

using store::CacheKey;

// As the header of cache_store.h says.
constexpr char kDocumented[] =
    "on >secret ~outrigger:1:* &__redis__:invalidate +subscribe +client|id "
    "+client|tracking +evalsha +eval +script|load +ping +info +select +role "
    "+time +get +getrange +mget +set +setrange +del +exists +pexpire +pttl "
    "+lpop +lpush +rpush +llen +lrange +xadd +xgroup|create +xreadgroup "
    "+xautoclaim +xrange +xack +xdel +zadd +zincrby +zscore +zrem +zrevrange "
    "+zunionstore +zremrangebyscore +zremrangebyrank";

class CacheAccessTest : public ::testing::Test {
 protected:
  void SetUser(const std::string& rules) {
    std::vector<std::string> words = {"ACL", "SETUSER", "pod", "reset"};
    for (const absl::string_view rule :
         absl::StrSplit(rules, ' ', absl::SkipEmpty())) {
      words.emplace_back(rule);
    }
    const Reply reply = server_.Ask(words);
    ASSERT_TRUE(reply.IsStatus("OK")) << reply.text;
  }

  std::unique_ptr<CachePod> NewPod(bool as_user = true) {
    Options options = PodOptions(server_.address());
    if (as_user) {
      options.username = "pod";
      options.password = "secret";
    }
    return std::make_unique<CachePod>(options);
  }

  // Every operation, on all its ways through the scripts.
  void DoEverything(CachePod& pod) {
    const auto lease = pod.call.Acquire(key_, 1);
    ASSERT_EQ(lease.status(), absl::OkStatus());
    EXPECT_TRUE(pod.call.Abandon(key_, lease->token).ok());
    const auto again = pod.call.Acquire(key_, 2);
    ASSERT_EQ(again.status(), absl::OkStatus());
    EXPECT_TRUE(pod.call.Commit(key_, "value", again->token)->stored);
    EXPECT_TRUE(pod.call.ReadHeader(key_).ok());
    EXPECT_TRUE(pod.call.Remove(key_, /*soft=*/true).ok());
    const auto refresh = pod.call.Acquire(key_, 3);
    ASSERT_EQ(refresh.status(), absl::OkStatus());
    EXPECT_EQ(pod.call.Abandon(key_, refresh->token), absl::OkStatus());
    EXPECT_TRUE(*pod.call.Remove(key_));
    EXPECT_FALSE(*pod.call.Remove(key_));
    EXPECT_EQ(*pod.call.Read(key_), "");
    std::vector<std::string> many(70, "x");
    EXPECT_TRUE(pod.call.AddMarks("ns", many, many).ok());
    EXPECT_TRUE(pod.call.AddMarks("ns", many, many, /*soft=*/true).ok());
    EXPECT_TRUE(pod.call.ReadMarks("ns").ok());
    EXPECT_TRUE(pod.call.ReadTags("ns", {"x"}).ok());
    EXPECT_TRUE(pod.call.Append("ns", "k", "v").ok());
    const auto given = pod.call.Pull("ns", "a", 100, /*again=*/true);
    ASSERT_EQ(given.status(), absl::OkStatus());
    ASSERT_EQ(given->size(), 1u);
    EXPECT_EQ(pod.call.Acknowledge("ns", {(*given)[0].id}), absl::OkStatus());
    // As if another had counted the reads a minute ago.
    server_.Ask({"ZADD", layout_.HotKeys("ns"), "1000", ""});
    EXPECT_EQ(pod.call.AddHotKeys("ns", {{"k", 1}}), absl::OkStatus());
    EXPECT_EQ(pod.call.ReadHotKeys("ns", 5)->size(), 1u);
  }

  RedisServer server_;
  CacheLayout layout_{"outrigger"};
  const CacheKey key_{"ns", "key"};
};

TEST_F(CacheAccessTest, TheDocumentedRightsAreEnough) {
  SetUser(kDocumented);
  auto pod = NewPod();
  EXPECT_TRUE(pod->Verified());
  DoEverything(*pod);
  EXPECT_TRUE(WaitFor([&] { return pod->heard.Changed(key_); }));
  const Reply denied = server_.Ask({"ACL", "LOG"});
  EXPECT_TRUE(denied.elements.empty());
}

TEST_F(CacheAccessTest, WithoutTheRightToTrackValuesAreServedAllTheSame) {
  for (const char* missing :
       {"-subscribe", "-client|tracking", "-client|id", "resetchannels"}) {
    SetUser(std::string(kDocumented) + " " + missing);
    auto pod = NewPod();
    ASSERT_TRUE(WaitFor([&] { return pod->call.Write(key_, "value").ok(); }));
    // It has tried.
    EXPECT_TRUE(WaitFor([&] {
      return !server_.Ask({"ACL", "LOG"}).elements.empty();
    }));
    EXPECT_TRUE(pod->store().reachable());
    EXPECT_FALSE(pod->heard.verified());
    EXPECT_EQ(cache::DecodeRecord(*pod->call.Read(key_))->value, "value");
    server_.Ask({"ACL", "LOG", "RESET"});
  }
}

TEST_F(CacheAccessTest, TheRightToTrackMayComeAndGo) {
  const std::string without = std::string(kDocumented) + " resetchannels";
  SetUser(without);
  auto pod = NewPod();
  ASSERT_TRUE(WaitFor([&] {
    return !server_.Ask({"ACL", "LOG"}).elements.empty();
  }));
  SetUser(kDocumented);
  EXPECT_TRUE(pod->Verified());
  SetUser(without);  // Redis drops those who listen without the right to
  EXPECT_TRUE(pod->Unverified());
  SetUser(kDocumented);
  EXPECT_TRUE(pod->Verified());
}

TEST_F(CacheAccessTest, WithoutMemoryValuesAreStillRemoved) {
  auto pod = NewPod(/*as_user=*/false);
  ASSERT_TRUE(pod->Verified());
  ASSERT_TRUE(pod->call.Write(key_, "value").ok());
  const CacheKey gone{"ns", "gone"}, loading{"ns", "loading"};
  const auto lease = pod->call.Acquire(loading, 1);
  ASSERT_TRUE(lease.ok());
  ASSERT_TRUE(pod->call.Append("ns", "k", "v").ok());
  ASSERT_EQ(pod->call.Pull("ns", "a")->size(), 1u);
  server_.Ask({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_EQ(pod->call.Write(key_, "newer").status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(pod->call.Acquire(gone, 1).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(pod->call.Append("ns", "k", "v").status().code(),
            absl::StatusCode::kUnavailable);
  pod->heard.Clear();
  EXPECT_TRUE(*pod->call.Remove(key_, /*soft=*/true));
  EXPECT_TRUE(*pod->call.Remove(key_));
  EXPECT_FALSE(*pod->call.Remove(gone));
  EXPECT_EQ(pod->call.Abandon(loading, lease->token), absl::OkStatus());
  EXPECT_TRUE(pod->call.AddMarks("ns", {"red"}, {"*"}).ok());
  EXPECT_TRUE(WaitFor([&] {
    return pod->heard.Changed(key_) && pod->heard.Changed(gone) &&
           pod->heard.Changed(loading) && pod->heard.Marked("ns");
  }));
  EXPECT_EQ(pod->call.ReadMarks("ns")->tags.size(), 1u);
  const auto given = pod->call.Pull("ns", "a", 100, /*again=*/true);
  ASSERT_EQ(given.status(), absl::OkStatus());
  ASSERT_EQ(given->size(), 1u);
  EXPECT_EQ(pod->call.Acknowledge("ns", {(*given)[0].id}), absl::OkStatus());
}

}  // namespace
}  // namespace outrigger::redis
