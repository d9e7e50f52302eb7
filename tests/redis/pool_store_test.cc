// The pool store over one real Redis: the suite of all stores, and what only a
// real server can do.
#include "redis/pool/pool_store.h"

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "redis/pool_pod.h"
#include "store/pool_store_suite.h"

namespace outrigger::redis {
namespace {

// Each test of the suite has a server of its own.
class ServerAndStores final : public store::PoolStoreUnderTest {
 public:
  store::PoolStore& Join(const std::string& pod,
                         store::PoolListener* listener) override {
    PoolStore& store = stores_.emplace_back(PodOptions(server_.address()),
                                            clock_, random_, registry_);
    Backed& backed = backed_.emplace_back();
    backed.listener = listener;
    store.Listen(pod, &backed);
    EXPECT_TRUE(WaitFor([&] { return backed.back.load(); }));
    return store;
  }
  void Tick() override {}
  void Forget(int64_t) override { server_.Ask({"FLUSHALL"}); }

 private:
  // Knows when calls are heard.
  struct Backed final : public store::PoolListener {
    void OnCalled(const std::vector<std::string>& pools) override {
      listener->OnCalled(pools);
    }
    void OnBack() override {
      listener->OnBack();
      back = true;
    }
    store::PoolListener* listener = nullptr;
    std::atomic<bool> back = false;
  };

  RedisServer server_;
  SystemClock clock_;
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  std::deque<Backed> backed_;
  std::deque<PoolStore> stores_;
};

}  // namespace
}  // namespace outrigger::redis

namespace outrigger::store {
INSTANTIATE_TEST_SUITE_P(Redis, PoolStoreSuite, ::testing::Values([] {
                           return std::make_unique<redis::ServerAndStores>();
                         }));
}  // namespace outrigger::store

namespace outrigger::redis {
namespace {

class RedisPoolStoreTest : public ::testing::Test {
 protected:
  // `one` has all slots, and keeps them, though the store has lost what it
  // knew.
  void ExpectLearning(PoolPod& one, PoolPod& two) {
    const store::PoolReply reply = two.AnswerTo(10);
    EXPECT_EQ(reply.slots, 0u);
    EXPECT_GT(reply.learning_for_us, 0);
    EXPECT_EQ(one.AnswerTo(10).slots, 10u);
    EXPECT_EQ(two.Need(10), 0);
  }

  RedisServer server_;
  PoolPod one_{PodOptions(server_.address()), "one"};
  PoolPod two_{PodOptions(server_.address()), "two"};
  const PoolLayout layout_{"outrigger"};
};

TEST_F(RedisPoolStoreTest, BeforeItListensAllIsUnavailable) {
  SystemClock clock;
  PseudoRandomSource random;
  telemetry::Registry registry;
  PoolStore store(PodOptions(server_.address()), clock, random, registry);
  EXPECT_FALSE(store.reachable());
  PoolCaller call(store, "orders-db", "three");
  EXPECT_EQ(call.Need(1).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(RedisPoolStoreTest, AllExpires) {
  // All kinds of keys: some wait, some are hungry, some have mail.
  one_.call.request.cap = two_.call.request.cap = 3;
  ASSERT_TRUE(one_.call.Wait({3, 2, 1}).ok());
  ASSERT_TRUE(two_.call.Wait({5'000'000, 5'000'000}).ok());
  ASSERT_TRUE(one_.call.GiveBack(1).ok());
  for (PoolPod* pod : {&one_, &two_}) {
    pod->call.request.pool = "another";
    pod->call.request.cap = 10;
    pod->call.request.held = 0;
    ASSERT_GE(pod->Need(10), 0);
  }
  const Reply keys = server_.Ask({"KEYS", "*"});
  EXPECT_GE(keys.elements.size(), 10u);
  for (const Reply& key : keys.elements) {
    EXPECT_EQ(key.text.rfind("outrigger:1:", 0), 0u) << key.text;
    EXPECT_GT(server_.Ask({"PTTL", key.text}).integer, 0) << key.text;
    EXPECT_EQ(key.text.rfind(layout_.mail_begin(), 0), std::string::npos)
        << key.text;
  }
}

TEST_F(RedisPoolStoreTest, OnlyThePodThatIsMeantIsCalled) {
  PoolPod three(PodOptions(server_.address()), "on");  // as the other begins
  ASSERT_TRUE(one_.Hears() && two_.Hears() && three.Hears());
  EXPECT_EQ(one_.Need(10), 10);
  EXPECT_EQ(two_.Need(5), 0);
  EXPECT_TRUE(WaitFor([&] { return one_.called.calls("orders-db") > 0; }));
  EXPECT_EQ(two_.called.calls("orders-db"), 0);
  EXPECT_EQ(three.called.calls("orders-db"), 0);
}

TEST_F(RedisPoolStoreTest, NothingIsGivenAfterARestart) {
  ASSERT_EQ(one_.Need(10), 10);
  ASSERT_EQ(two_.Need(1), 0);
  server_.Kill();
  ASSERT_TRUE(WaitFor([&] { return !one_.store().reachable(); }));
  EXPECT_EQ(one_.call.Need(10).status().code(), absl::StatusCode::kUnavailable);
  const int back = two_.called.back();
  server_.Restart();
  EXPECT_TRUE(WaitFor([&] { return two_.called.back() > back; }));
  ExpectLearning(one_, two_);
}

TEST_F(RedisPoolStoreTest, NothingIsGivenAfterAnOldCopyWasLoaded) {
  ASSERT_EQ(one_.Need(2), 2);
  ASSERT_TRUE(server_.Ask({"SAVE"}).IsStatus("OK"));
  ASSERT_EQ(one_.Need(10), 10);
  server_.Kill();
  server_.Restart();
  ExpectLearning(one_, two_);
}

TEST_F(RedisPoolStoreTest, NothingIsGivenAfterTheEpochIsGone) {
  ASSERT_EQ(one_.Need(10), 10);
  ASSERT_EQ(two_.Need(0), 0);
  server_.Ask({"DEL", EpochKey("outrigger", Command::kAnySlot)});
  ExpectLearning(one_, two_);
  server_.Ask({"FLUSHALL"});
  ExpectLearning(one_, two_);
}

TEST_F(RedisPoolStoreTest, NothingIsGivenOnceItIsKnownThatKeysWereEvicted) {
  for (const std::string& key :
       {layout_.Ledger("orders-db"), layout_.Set("orders-db", 'x'),
        layout_.Set("orders-db", 'c')}) {
    ASSERT_TRUE(one_.call.Need(10).ok());
    ASSERT_TRUE(two_.call.Need(10).ok());
    EXPECT_EQ(server_.Ask({"DEL", key}).integer, 1);
    // Whoever knew the pool finds out.
    const auto reply = two_.call.Need(10);
    ASSERT_EQ(reply.status(), absl::OkStatus());
    EXPECT_EQ(reply->slots, 0u) << key;
    EXPECT_GT(reply->learning_for_us, 50'000'000) << key;
    EXPECT_EQ(one_.Need(10), 10) << key;
  }
}

TEST_F(RedisPoolStoreTest, SomebodyNewCannotHideThatThePoolWasEvicted) {
  ASSERT_EQ(one_.Need(2), 2);
  server_.Ask({"DEL", layout_.Ledger("orders-db")});
  EXPECT_EQ(two_.Need(1), 1);  // it cannot know
  const auto reply = one_.call.Need(10);
  ASSERT_EQ(reply.status(), absl::OkStatus());
  EXPECT_EQ(reply->slots, 2u);
  EXPECT_GT(reply->learning_for_us, 50'000'000);
  EXPECT_EQ(two_.Need(10), 1);
}

TEST_F(RedisPoolStoreTest, WithoutMemoryPoolsWorkAllTheSame) {
  ASSERT_EQ(one_.Need(10), 10);
  ASSERT_EQ(two_.Need(5), 0);
  ASSERT_TRUE(one_.Hears() && two_.Hears());
  server_.Ask({"CONFIG", "SET", "maxmemory", "1"});
  const int before = two_.called.calls("orders-db");
  const auto reply = one_.call.GiveBack(6);
  ASSERT_EQ(reply.status(), absl::OkStatus());
  EXPECT_EQ(reply->slots, 4u);
  EXPECT_TRUE(WaitFor([&] { return two_.called.calls("orders-db") > before; }));
  EXPECT_EQ(two_.Need(5), 5);
}

TEST_F(RedisPoolStoreTest, ForeignLedgersAreBegunAnew) {
  const std::string ledger = layout_.Ledger("orders-db");
  for (const auto& command : std::vector<std::vector<std::string>>{
           {"SET", ledger, "x"}, {"HSET", ledger, "somebody", "else"}}) {
    server_.Ask({"FLUSHALL"});
    EXPECT_FALSE(server_.Ask(command).IsError());
    PoolPod pod(PodOptions(server_.address()), "pod");
    EXPECT_EQ(pod.Need(3), 3);
  }
}

TEST_F(RedisPoolStoreTest, AServerThatHangsIsAnsweredForInTime) {
  Options hasty = PodOptions(server_.address());
  hasty.timeout = std::chrono::milliseconds(50);
  PoolPod pod(hasty, "hasty");
  ASSERT_TRUE(WaitFor([&] { return pod.Need(3) == 3; }));
  server_.Stop();
  EXPECT_FALSE(pod.call.Need(3).ok());
  server_.Continue();
  EXPECT_TRUE(WaitFor([&] { return pod.Need(3) == 3; }));
}

TEST_F(RedisPoolStoreTest, ALostConnectionOfMailIsMadeUpFor) {
  ASSERT_TRUE(one_.Hears() && two_.Hears());
  const int back = one_.called.back();
  EXPECT_EQ(server_.Ask({"CLIENT", "KILL", "TYPE", "pubsub"}).integer, 2);
  EXPECT_TRUE(WaitFor([&] { return one_.called.back() > back; }));
}

}  // namespace
}  // namespace outrigger::redis
