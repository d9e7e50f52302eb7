// The cache store over one real Redis: the suite of all stores, and what only a
// real server can do.
#include "redis/cache/cache_store.h"

#include <atomic>
#include <string>
#include <vector>

#include "redis/cache/layout.h"
#include "redis/cache_pod.h"
#include "store/cache_leases_suite.h"
#include "store/cache_shared_suite.h"
#include "store/cache_values_suite.h"
#include "telemetry/cache_metrics.h"

namespace outrigger::redis {
namespace {

// Each test of the suite has a server of its own.
class ServerAndStore final : public store::CacheStoreUnderTest {
 public:
  ServerAndStore()
      : store_(PodOptions(server_.address()), clock_, random_, registry_) {}
  store::CacheStore& store() override { return store_; }
  void Tick() override {}

 private:
  RedisServer server_;
  SystemClock clock_;
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  CacheStore store_;
};

}  // namespace
}  // namespace outrigger::redis

namespace outrigger::store {
INSTANTIATE_TEST_SUITE_P(Redis, CacheStoreSuite, ::testing::Values([] {
                           return std::make_unique<redis::ServerAndStore>();
                         }));
}  // namespace outrigger::store

namespace outrigger::redis {
namespace {

using store::CacheKey;
using Kind = store::AcquireReply::Kind;

class RedisCacheStoreTest : public ::testing::Test {
 protected:
  std::string RecordName() const { return layout_.Record(key_); }

  RedisServer server_;
  CachePod pod_{PodOptions(server_.address())};
  CacheLayout layout_{"outrigger"};
  const CacheKey key_{"ns", "key"};
};

TEST_F(RedisCacheStoreTest, AllButTheJournalExpires) {
  ASSERT_TRUE(pod_.call.Write(key_, "value").ok());
  ASSERT_TRUE(pod_.call.Acquire({"ns", "other"}, 1).ok());
  ASSERT_TRUE(pod_.call.AddMarks("ns", {"tag"}, {"glob*"}).ok());
  ASSERT_TRUE(pod_.call.AddHotKeys("ns", {{"k", 1}}).ok());
  ASSERT_TRUE(pod_.call.Append("ns", "k", "v").ok());
  const Reply keys = server_.Ask({"KEYS", "*"});
  EXPECT_EQ(keys.elements.size(), 7u);
  for (const Reply& key : keys.elements) {
    EXPECT_EQ(key.text.rfind("outrigger:1:", 0), 0u) << key.text;
    const bool expires = server_.Ask({"PTTL", key.text}).integer > 0;
    EXPECT_EQ(expires, key.text != layout_.Journal("ns")) << key.text;
  }
}

TEST_F(RedisCacheStoreTest, LittleIsLeftOfWhatHasEnded) {
  const auto lease = pod_.call.Acquire(key_, 1);
  ASSERT_TRUE(pod_.call.Commit(key_, "value", lease->token)->stored);
  ASSERT_TRUE(*pod_.call.Remove(key_));
  ASSERT_FALSE(*pod_.call.Remove(key_));
  ASSERT_TRUE(pod_.call.Append("ns", "k", "v").ok());
  const auto given = pod_.call.Pull("ns", "a");
  ASSERT_TRUE(pod_.call.Acknowledge("ns", {(*given)[0].id}).ok());
  EXPECT_EQ(server_.Ask({"XLEN", layout_.Journal("ns")}).integer, 0);
  EXPECT_EQ(server_.Ask({"DEL", layout_.Journal("ns")}).integer, 1);
  EXPECT_EQ(server_.Ask({"DBSIZE"}).integer, 0);
}

TEST_F(RedisCacheStoreTest, WhatIsNotOursCountsAsNone) {
  const std::string ours = RecordOf("value");
  std::string far = ours;
  far.replace(4, 8, std::string(8, '\xff'));  // a version of no clock
  far.replace(12, 8, std::string("\xff\xff\xff\xff\xff\x7f\0\0", 8));
  const std::vector<std::vector<std::string>> foreign = {
      {"SET", RecordName(), "somebody's"},
      {"SET", RecordName(), ours.substr(0, 43)},
      {"SET", RecordName(), "OD" + ours.substr(2)},
      {"SET", RecordName(), far},
      {"SET", RecordName(), ""},
      {"RPUSH", RecordName(), "a", "b"},
      {"HSET", RecordName(), "a", "b"}};
  uint64_t nonce = 0;
  for (const auto& command : foreign) {
    server_.Ask({"FLUSHALL"});
    const auto put = [&] { EXPECT_FALSE(server_.Ask(command).IsError()); };
    put();
    const auto read = pod_.call.Read(key_);
    ASSERT_EQ(read.status(), absl::OkStatus());
    EXPECT_EQ(read->empty(), command[2].empty());
    EXPECT_TRUE(pod_.call.ReadHeader(key_).ok());
    const auto lease = pod_.call.Acquire(key_, ++nonce);
    ASSERT_EQ(lease.status(), absl::OkStatus());
    EXPECT_EQ(lease->kind, Kind::kLease);
    store::WriteRequest request = CacheCaller::RequestOf(key_, "new");
    request.condition = store::WriteIf::kVersion;
    request.version = 1;
    EXPECT_FALSE(pod_.call.Write(request)->stored);
    EXPECT_TRUE(pod_.call.Commit(key_, "new", lease->token)->stored);
    EXPECT_EQ(cache::DecodeRecord(*pod_.call.Read(key_))->value, "new");
    for (const bool soft : {false, true}) {
      server_.Ask({"DEL", RecordName()});
      put();
      EXPECT_FALSE(*pod_.call.Remove(key_, soft));
      EXPECT_EQ(server_.Ask({"EXISTS", RecordName()}).integer, 0);
    }
    put();
    const auto again = pod_.call.Acquire(key_, ++nonce);
    ASSERT_EQ(again.status(), absl::OkStatus());
    EXPECT_EQ(pod_.call.Abandon(key_, again->token), absl::OkStatus());
  }
}

TEST_F(RedisCacheStoreTest, ForeignLeasesMarksAndJournals) {
  server_.Ask({"SET", layout_.Lease(key_), "nonsense"});
  EXPECT_EQ(pod_.call.Acquire(key_, 1)->kind, Kind::kLease);
  server_.Ask({"DEL", layout_.Lease(key_)});
  server_.Ask({"RPUSH", layout_.Lease(key_), "x"});
  EXPECT_EQ(pod_.call.Acquire(key_, 1)->kind, Kind::kLease);
  server_.Ask({"RPUSH", layout_.Marks("ns"), "nonsense"});
  EXPECT_EQ(pod_.call.ReadMarks("ns").status().code(),
            absl::StatusCode::kInternal);
  server_.Ask({"SET", layout_.Tag("ns", "t"), "nonsense"});
  EXPECT_EQ(pod_.call.ReadTags("ns", {"t"}).status().code(),
            absl::StatusCode::kInternal);
  // The next invalidation puts it right.
  const auto number = pod_.call.AddMarks("ns", {"t"});
  ASSERT_EQ(number.status(), absl::OkStatus());
  EXPECT_EQ(pod_.call.ReadMarks("ns")->last, *number);
  EXPECT_EQ((*pod_.call.ReadTags("ns", {"t"}))[0].hard, *number);
  server_.Ask({"XADD", layout_.Journal("ns"), "*", "somebody", "else"});
  ASSERT_TRUE(pod_.call.Append("ns", "k", "v").ok());
  EXPECT_EQ(store::KeysOf(pod_.call.Pull("ns", "a")),
            std::vector<std::string>{"k"});
}

TEST_F(RedisCacheStoreTest, AVersionAheadOfTheClockIsOutlasted) {
  std::string ahead = RecordOf("value");
  // In the year 2096: after a failover to a server whose clock is behind.
  const uint64_t version = 4'000'000'000'000'000;
  cache::FillStoreFields(version, 0, 0, &ahead);
  server_.Ask({"SET", RecordName(), ahead, "PX", "60000"});
  ASSERT_TRUE(*pod_.call.Remove(key_));
  EXPECT_EQ(pod_.call.Write(key_, "next")->version, version + 1);
  ASSERT_TRUE(*pod_.call.Remove(key_));
  const auto lease = pod_.call.Acquire(key_, 1);
  EXPECT_EQ(lease->token.version, version + 2);
  EXPECT_EQ(pod_.call.Abandon(key_, lease->token), absl::OkStatus());
  EXPECT_EQ(pod_.call.Acquire(key_, 2)->token.version, version + 3);
}

TEST_F(RedisCacheStoreTest, HotKeysFade) {
  ASSERT_TRUE(pod_.call.AddHotKeys("ns", {{"old", 8}, {"cold", 0.5}}).ok());
  // As if they had been counted three half-lives ago.
  const std::string then =
      std::to_string(std::stoll(server_.Ask({"TIME"}).elements[0].text) - 180);
  server_.Ask({"ZADD", layout_.HotKeys("ns"), then, ""});
  ASSERT_TRUE(pod_.call.AddHotKeys("ns", {{"new", 2}}).ok());
  const auto hot = pod_.call.ReadHotKeys("ns", 10);
  ASSERT_EQ(hot->size(), 2u);
  EXPECT_EQ((*hot)[0].key, "new");
  EXPECT_EQ((*hot)[1].key, "old");
  EXPECT_NEAR((*hot)[1].reads, 1, 0.05);
}

TEST_F(RedisCacheStoreTest, LargeEntriesOfTheJournalComeInParts) {
  const std::string large(3 << 20, 'x');
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(pod_.call.Append("ns", std::to_string(i), large).ok());
  }
  const auto pull = [&](const std::string& consumer, bool again,
                        int64_t take_over_ms) {
    return store::KeysOf(
        pod_.call.Pull("ns", consumer, 100, again, take_over_ms));
  };
  const std::vector<std::string> first = {"0", "1", "2"},
                                 second = {"3", "4", "5"}, third = {"6"};
  EXPECT_EQ(pull("a", false, 60'000), first);
  EXPECT_EQ(pull("a", false, 60'000), second);
  EXPECT_EQ(pull("a", true, 60'000), first);
  EXPECT_EQ(pull("b", false, 0), first);
  EXPECT_EQ(pull("b", false, 60'000), third);
}

TEST_F(RedisCacheStoreTest, ScriptFlushIsNotNoticed) {
  ASSERT_TRUE(pod_.call.Write(key_, "value").ok());
  server_.Ask({"SCRIPT", "FLUSH"});
  EXPECT_TRUE(pod_.call.Write(key_, "value").ok());
}

TEST_F(RedisCacheStoreTest, WithoutRedisEveryCallIsAnsweredUnavailable) {
  ASSERT_TRUE(pod_.Verified());
  server_.Kill();
  ASSERT_TRUE(WaitFor([&] { return !pod_.store().reachable(); }));
  const auto unavailable = absl::StatusCode::kUnavailable;
  EXPECT_EQ(pod_.call.Read(key_).status().code(), unavailable);
  EXPECT_EQ(pod_.call.Acquire(key_, 1).status().code(), unavailable);
  EXPECT_EQ(pod_.call.Write(key_, "v").status().code(), unavailable);
  EXPECT_EQ(pod_.call.Remove(key_).status().code(), unavailable);
  EXPECT_EQ(pod_.call.AddMarks("ns", {"t"}).status().code(), unavailable);
  EXPECT_EQ(pod_.call.Append("ns", "k", "v").status().code(), unavailable);
  EXPECT_EQ(pod_.call.Pull("ns", "a").status().code(), unavailable);
}

TEST_F(RedisCacheStoreTest, ALargeValueMayTakeLongerThanTheTimeout) {
  Options patient = PodOptions(server_.address());
  patient.timeout = std::chrono::seconds(10);
  CachePod writer(patient);
  const std::string large(64 << 20, 'x');
  ASSERT_TRUE(writer.call.Write(key_, large)->stored);
  // On a busy machine nothing may come for longer than a short timeout, and all
  // within a long one does not show anything.
  Duration timeout = std::chrono::milliseconds(50);
  const auto takes_longer = [&] {
    Options hasty = PodOptions(server_.address());
    hasty.timeout = timeout;
    CachePod reader(hasty);
    const auto begun = std::chrono::steady_clock::now();
    const auto record = reader.call.Read(key_);
    const auto took = std::chrono::steady_clock::now() - begun;
    EXPECT_TRUE(!record.ok() || record->size() > large.size());
    const bool longer = record.ok() && took > timeout * 3 / 2;
    timeout = record.ok() ? timeout / 2 : timeout * 2;
    return longer;
  };
  EXPECT_TRUE(WaitFor(takes_longer));
}

TEST_F(RedisCacheStoreTest, BytesOnTheirWayAreBounded) {
  // What is asked before it is connected waits until it is.
  server_.Stop();
  Options options = PodOptions(server_.address());
  options.timeout = std::chrono::seconds(10);
  options.connect_timeout = std::chrono::seconds(60);
  CachePod pod(options);
  store::WriteRequest request = CacheCaller::RequestOf(key_, "");
  request.record = RecordOf(std::string(8 << 20, 'x'));
  const int most = CacheStore::kMaxWriteBytes / (8 << 20);
  std::atomic<int> answered{0}, refused{0};
  for (int i = 0; i < most + 2; ++i) {
    pod.store().Write(request, [&](const absl::StatusOr<store::WriteReply>& r) {
      refused += absl::IsResourceExhausted(r.status());
      ++answered;
    });
  }
  EXPECT_EQ(refused, 3);  // a record is a little more than its value
  telemetry::Counter& counter = pod.registry().GetCounter(
      telemetry::kCacheRefused, {{"bound", "write_bytes"}});
  EXPECT_EQ(counter.Value(), 3u);
  server_.Continue();
  EXPECT_TRUE(WaitFor([&] { return answered == most + 2; }));
  EXPECT_TRUE(WaitFor([&] { return pod.call.Write(key_, "v").ok(); }));
  EXPECT_EQ(refused, 3);
}

}  // namespace
}  // namespace outrigger::redis
