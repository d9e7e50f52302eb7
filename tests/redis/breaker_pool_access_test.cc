// Breakers' and pools' stores as an ACL user of Redis.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "redis/breaker_pod.h"
#include "redis/pool_pod.h"

namespace outrigger::redis {
namespace {

// As the headers of breaker_store.h and pool_store.h say.
constexpr char kBreakers[] =
    "on >secret ~outrigger:1:* &__redis__:invalidate +subscribe +client|id "
    "+client|tracking +evalsha +eval +script|load +ping +info +select +role "
    "+time +get +set +del +pexpire +pttl +hget +hmget +hset +hdel +zadd +zrem "
    "+zcard +zrangebyscore";
constexpr char kPools[] =
    "on >secret ~outrigger:1:* &__redis__:invalidate +subscribe +client|id "
    "+client|tracking +evalsha +eval +script|load +ping +info +select +role "
    "+time +get +set +del +pexpire +pttl +hget +hgetall +hset +hdel +zadd "
    "+zrem +zcard +zrange +zrangebyscore";

class BreakerPoolAccessTest : public ::testing::Test {
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

  Options AsUser() const {
    Options options = PodOptions(server_.address());
    options.username = "pod";
    options.password = "secret";
    return options;
  }

  void ExpectNothingDenied() {
    const Reply denied = server_.Ask({"ACL", "LOG"});
    EXPECT_TRUE(denied.elements.empty());
  }
  bool SomethingIsDenied() {
    return WaitFor([&] {
      return !server_.Ask({"ACL", "LOG"}).elements.empty();
    });
  }

  RedisServer server_;
  const store::BreakerKey key_{"payments", "Charge"};
};

TEST_F(BreakerPoolAccessTest, TheDocumentedRightsAreEnoughForBreakers) {
  SetUser(kBreakers);
  BreakerPod pod(AsUser());
  EXPECT_TRUE(pod.Hears());
  // Every operation, on all its ways through the scripts.
  const auto first = pod.call.Swap(key_, 0, "open");
  ASSERT_EQ(first.status(), absl::OkStatus());
  EXPECT_TRUE(pod.call.Swap(key_, first->record.revision, "half", 0)->swapped);
  EXPECT_FALSE(pod.call.Swap(key_, 0, "late")->swapped);
  EXPECT_TRUE(pod.call.Report(key_, "a", {1, 1, 1}, true, 1, 1).ok());
  EXPECT_TRUE(pod.call.Report(key_, "b", {1, 1, 1}, true, 1).ok());
  EXPECT_TRUE(
      WaitFor([&] { return pod.call.Read(key_)->evidence.reporters == 1; }));
  EXPECT_TRUE(pod.call.Report(key_, "b", {1, 1, 1}, true, 2).ok());
  EXPECT_TRUE(pod.call.Report(key_, "b", {1, 1, 1}, true, 1).ok());
  EXPECT_TRUE(pod.HearsOf(key_));
  ExpectNothingDenied();
}

TEST_F(BreakerPoolAccessTest, TheDocumentedRightsAreEnoughForPools) {
  SetUser(kPools);
  PoolPod one(AsUser(), "one"), two(AsUser(), "two");
  EXPECT_TRUE(one.Hears() && two.Hears());
  EXPECT_EQ(one.Need(10), 10);
  EXPECT_EQ(two.Need(5), 0);
  EXPECT_TRUE(WaitFor([&] { return one.called.calls("orders-db") > 0; }));
  EXPECT_EQ(one.call.GiveBack(5)->slots, 5u);
  EXPECT_EQ(two.Need(5), 5);
  EXPECT_TRUE(two.call.Leave().ok());
  // One by one, and mail that is not fetched.
  one.call.request.cap = two.call.request.cap = 2;
  EXPECT_TRUE(one.call.Wait({1, 1}).ok());
  EXPECT_TRUE(two.call.Wait({5'000'000, 1}).ok());
  EXPECT_TRUE(one.call.GiveBack(one.call.request.held).ok());
  EXPECT_TRUE(WaitFor([&] {
    const auto reply = one.call.Wait({1});
    return reply.ok() && reply->slots > 0;
  }));
  server_.Ask({"FLUSHALL"});
  EXPECT_GE(two.Need(1), 0);
  ExpectNothingDenied();
}

TEST_F(BreakerPoolAccessTest, WithoutTheRightToTrackAllElseWorks) {
  for (const char* missing :
       {"-subscribe", "-client|tracking", "-client|id", "resetchannels"}) {
    SetUser(std::string(kBreakers) + " " + missing);
    BreakerPod breaker(AsUser());
    ASSERT_TRUE(WaitFor([&] { return breaker.call.Read(key_).ok(); }));
    EXPECT_TRUE(SomethingIsDenied());
    EXPECT_FALSE(breaker.heard.hears());
    EXPECT_TRUE(breaker.store().reachable());
    server_.Ask({"ACL", "LOG", "RESET"});
    SetUser(std::string(kPools) + " " + missing);
    PoolPod pool(AsUser(), "pod");
    ASSERT_TRUE(WaitFor([&] { return pool.Need(3) == 3; }));
    EXPECT_TRUE(SomethingIsDenied());
    EXPECT_EQ(pool.called.back(), 0);
    server_.Ask({"ACL", "LOG", "RESET"});
  }
}

}  // namespace
}  // namespace outrigger::redis
