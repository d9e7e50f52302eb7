// The breaker store over one real Redis: the suite of all stores, and what only
// a real server can do.
#include "redis/breaker/breaker_store.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "redis/breaker_pod.h"
#include "store/breaker_store_suite.h"

namespace outrigger::redis {
namespace {

// Each test of the suite has a server of its own.
class ServerAndStore final : public store::BreakerStoreUnderTest {
 public:
  store::BreakerStore& store() override { return store_; }
  void Tick() override {}
  void Flush() override { server_.Ask({"FLUSHALL"}); }

 private:
  RedisServer server_;
  SystemClock clock_;
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  BreakerStore store_{PodOptions(server_.address()), clock_, random_,
                      registry_};
};

}  // namespace
}  // namespace outrigger::redis

namespace outrigger::store {
INSTANTIATE_TEST_SUITE_P(Redis, BreakerStoreSuite, ::testing::Values([] {
                           return std::make_unique<redis::ServerAndStore>();
                         }));
}  // namespace outrigger::store

namespace outrigger::redis {
namespace {

using store::BreakerKey;
using store::BreakerRecord;

class RedisBreakerStoreTest : public ::testing::Test {
 protected:
  RedisServer server_;
  BreakerPod pod_{PodOptions(server_.address())};
  const BreakerLayout layout_{"outrigger"};
  const BreakerKey key_{"payments", "Charge"};
};

TEST_F(RedisBreakerStoreTest, AllExpiresButWhatMustNot) {
  const BreakerKey forced{"payments", ""};
  ASSERT_TRUE(pod_.call.Swap(key_, 0, "open")->swapped);
  ASSERT_TRUE(pod_.call.Swap(forced, 0, "forced", /*keep_for_ms=*/0)->swapped);
  ASSERT_TRUE(pod_.call.Report(key_, "pod-1", {1, 1, 1}).ok());
  const Reply keys = server_.Ask({"KEYS", "*"});
  EXPECT_EQ(keys.elements.size(), 4u);
  for (const Reply& key : keys.elements) {
    EXPECT_EQ(key.text.rfind("outrigger:1:", 0), 0u) << key.text;
    const bool expires = server_.Ask({"PTTL", key.text}).integer > 0;
    EXPECT_EQ(expires, key.text != layout_.Record(forced)) << key.text;
  }
}

TEST_F(RedisBreakerStoreTest, NothingIsLeftOfEvidenceThatHasExpired) {
  ASSERT_TRUE(pod_.call.Report(key_, "pod-1", {1, 1, 1}, true, 1, 1).ok());
  EXPECT_TRUE(WaitFor([&] {
    return pod_.call.Read(key_)->evidence == store::BreakerEvidence{};
  }));
  EXPECT_EQ(server_.Ask({"DBSIZE"}).integer, 0);
}

TEST_F(RedisBreakerStoreTest, WhatIsNotOursCountsAsNone) {
  const std::string record = layout_.Record(key_);
  const std::vector<std::vector<std::string>> foreign = {
      {"SET", record, "somebody's"},
      {"SET", record, ""},
      {"SET", record, "-1 x"},
      {"RPUSH", record, "a"},
      {"SET", layout_.Snapshots(key_), "x"},
      {"SET", layout_.Expiries(key_), "x"},
      {"HSET", layout_.Snapshots(key_), "g", "x"}};
  for (const auto& command : foreign) {
    server_.Ask({"FLUSHALL"});
    EXPECT_FALSE(server_.Ask(command).IsError());
    const auto read = pod_.call.Read(key_);
    ASSERT_EQ(read.status(), absl::OkStatus()) << command[2];
    EXPECT_EQ(read->record, BreakerRecord{});
    EXPECT_EQ(read->evidence, store::BreakerEvidence{});
    EXPECT_FALSE(pod_.call.Swap(key_, 5, "late")->swapped);
    EXPECT_TRUE(pod_.call.Swap(key_, 0, "ours")->swapped);
    EXPECT_EQ(pod_.call.Report(key_, "pod-1", {3, 2, 1})->evidence.seen,
              (store::BreakerSeen{3, 2, 1}));
    EXPECT_EQ(pod_.call.Read(key_)->record.bytes, "ours");
  }
}

TEST_F(RedisBreakerStoreTest, OnePodsSwapIsToldToAllOthers) {
  BreakerPod another(PodOptions(server_.address()));
  ASSERT_TRUE(pod_.Hears() && another.Hears());
  ASSERT_TRUE(pod_.call.Swap(key_, 0, "open")->swapped);
  EXPECT_TRUE(another.HearsOf(key_) && pod_.HearsOf(key_));
  // Evidence is not told.
  another.heard.Clear();
  ASSERT_TRUE(pod_.call.Report(key_, "pod-1", {1, 1, 1}).ok());
  ASSERT_TRUE(pod_.call.Swap({"other", ""}, 0, "open")->swapped);
  EXPECT_TRUE(another.HearsOf({"other", ""}));
  EXPECT_EQ(another.heard.keys(), 1u);
}

TEST_F(RedisBreakerStoreTest, KeysThatAreNotOursAreLeftOut) {
  ASSERT_TRUE(pod_.Hears());
  for (const char* name :
       {"outrigger:1:b:{", "outrigger:1:b:{}", "outrigger:1:b:{x}",
        "outrigger:1:b:{x/%4}", "outrigger:1:b:{x/%zz}", "outrigger:1:b:{x/y",
        "outrigger:1:b:x"}) {
    server_.Ask({"SET", name, "x"});
  }
  ASSERT_TRUE(pod_.call.Swap(key_, 0, "open")->swapped);
  EXPECT_TRUE(pod_.HearsOf(key_));
  EXPECT_EQ(pod_.heard.keys(), 1u);
}

TEST_F(RedisBreakerStoreTest, BeforeItListensItHasNoConnection) {
  RedisServer server;
  BreakerPod pod(PodOptions(server.address()), /*listens=*/false);
  const auto connections = [&server] {
    const std::string list = server.Ask({"CLIENT", "LIST"}).text;
    return std::count(list.begin(), list.end(), '\n') - 1;  // but for ours
  };
  EXPECT_EQ(pod.call.Read(key_).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_FALSE(pod.store().reachable());
  EXPECT_EQ(connections(), 0);
  pod.store().Listen(&pod.heard);
  EXPECT_TRUE(pod.Hears());
  EXPECT_EQ(connections(), 2);
  EXPECT_TRUE(pod.call.Read(key_).ok());
}

TEST_F(RedisBreakerStoreTest, ADeadServerIsAGapUntilItIsBack) {
  ASSERT_TRUE(pod_.Hears());
  const auto swapped = pod_.call.Swap(key_, 0, "open");
  server_.Kill();
  EXPECT_TRUE(pod_.IsDeaf());
  EXPECT_TRUE(WaitFor([&] { return !pod_.store().reachable(); }));
  const auto unavailable = absl::StatusCode::kUnavailable;
  EXPECT_EQ(pod_.call.Read(key_).status().code(), unavailable);
  EXPECT_EQ(pod_.call.Report(key_, "p", {1, 0, 0}).status().code(),
            unavailable);
  EXPECT_EQ(pod_.call.Swap(key_, 0, "x").status().code(), unavailable);
  server_.Restart();
  EXPECT_TRUE(pod_.Hears());
  EXPECT_EQ(pod_.AnswerOf(key_).record, BreakerRecord{});
  // As a pod does that knows what is lost.
  const auto again =
      pod_.call.Swap({key_, 0, swapped->record.revision, "open", 60'000});
  EXPECT_TRUE(again->swapped);
  EXPECT_GT(again->record.revision, swapped->record.revision);
  EXPECT_TRUE(pod_.HearsOf(key_));
}

TEST_F(RedisBreakerStoreTest, AServerThatHangsIsAGapAndAnswersInTime) {
  Options hasty = PodOptions(server_.address());
  hasty.timeout = std::chrono::milliseconds(50);
  BreakerPod pod(hasty);
  ASSERT_TRUE(pod.Hears());
  ASSERT_TRUE(WaitFor([&] { return pod.call.Swap(key_, 0, "open").ok(); }));
  server_.Stop();
  EXPECT_FALSE(pod.call.Read(key_).ok());
  EXPECT_TRUE(pod.IsDeaf());
  server_.Continue();
  EXPECT_TRUE(pod.Hears());
  EXPECT_TRUE(WaitFor([&] {
    const auto read = pod.call.Read(key_);
    return read.ok() && read->record.bytes == "open";
  }));
}

TEST_F(RedisBreakerStoreTest, ScriptFlushIsNotNoticed) {
  ASSERT_TRUE(pod_.call.Report(key_, "pod-1", {1, 1, 1}).ok());
  server_.Ask({"SCRIPT", "FLUSH"});
  EXPECT_TRUE(pod_.call.Report(key_, "pod-1", {1, 1, 1}).ok());
}

TEST_F(RedisBreakerStoreTest, EvidenceOfAThousandPodsAddsUp) {
  std::atomic<int> answered = 0;
  constexpr int kPods = 1500;  // more than expire in one call
  for (const int64_t keep_for_ms : {int64_t{60'000}, int64_t{1}}) {
    answered = 0;
    for (int i = 0; i < kPods; ++i) {
      pod_.store().Report(
          {key_, "pod-" + std::to_string(i), 1, {2, 1, 0}, true, keep_for_ms},
          [&](const auto& reply) { answered += reply.ok() ? 1 : 0; });
    }
    ASSERT_TRUE(WaitFor([&] { return answered == kPods; }));
    if (keep_for_ms > 1) {
      EXPECT_EQ(
          pod_.call.Read(key_)->evidence,
          (store::BreakerEvidence{{2 * kPods, kPods, 0}, kPods, kPods, 1}));
    }
  }
  EXPECT_TRUE(WaitFor([&] {
    return pod_.call.Read(key_)->evidence == store::BreakerEvidence{};
  }));
}

}  // namespace
}  // namespace outrigger::redis
