// Hearing of changes in a real Redis: what is told, and that every gap is
// noticed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "redis/cache/layout.h"
#include "redis/cache_pod.h"
#include "support/fake_clock.h"

namespace outrigger::redis {
namespace {

using store::CacheKey;

class CacheTrackingTest : public ::testing::Test {
 protected:
  std::unique_ptr<CachePod> NewPod() {
    auto pod = std::make_unique<CachePod>(PodOptions(server_.address()));
    EXPECT_TRUE(pod->Verified());
    return pod;
  }

  // That `pod` hears of a write, and so of all that happened before it.
  bool Hears(CachePod& pod) {
    const CacheKey key{"ns", "mark " + std::to_string(++marks_)};
    server_.Ask({"SET", layout_.Record(key), ""});
    return WaitFor([&] { return pod.heard.Changed(key); });
  }

  RedisServer server_;
  CacheLayout layout_{"outrigger"};
  const CacheKey key_{"ns", "key"};
  int marks_ = 0;
};

TEST_F(CacheTrackingTest, OnePodsChangesAreToldToAnother) {
  auto writer = NewPod(), reader = NewPod();
  ASSERT_TRUE(writer->call.Write(key_, "value").ok());
  EXPECT_TRUE(WaitFor([&] { return reader->heard.Changed(key_); }));
  EXPECT_TRUE(WaitFor([&] { return writer->heard.Changed(key_); }));
  reader->heard.Clear();
  ASSERT_TRUE(writer->call.Remove(key_).ok());
  EXPECT_TRUE(WaitFor([&] { return reader->heard.Changed(key_); }));
  ASSERT_TRUE(writer->call.AddMarks("ns", {"tag"}).ok());
  EXPECT_TRUE(WaitFor([&] { return reader->heard.Marked("ns"); }));
  ASSERT_TRUE(writer->call.Append("ns", "k", "v").ok());
  EXPECT_TRUE(WaitFor([&] { return reader->heard.JournalChanged("ns"); }));
}

// Redis does not document all of this; the scripts depend on it.
TEST_F(CacheTrackingTest, WhatTheScriptsDoIsTold) {
  auto pod = NewPod();
  const std::string name = layout_.Record(key_);
  const auto told = [&](const std::string& script) {
    pod->heard.Clear();
    EXPECT_FALSE(server_.Ask({"EVAL", script, "1", name}).IsError()) << script;
    EXPECT_TRUE(Hears(*pod));
    return pod->heard.Changed(key_);
  };
  EXPECT_FALSE(told("return redis.call('DEL', KEYS[1])"));
  EXPECT_TRUE(
      told("redis.call('SET', KEYS[1], '')"
           "return redis.call('DEL', KEYS[1])"));
  EXPECT_EQ(server_.Ask({"EXISTS", name}).integer, 0);
  EXPECT_TRUE(told("return redis.call('SET', KEYS[1], 'abc')"));
  EXPECT_FALSE(told("return redis.call('GET', KEYS[1])"));
  EXPECT_TRUE(told("return redis.call('SETRANGE', KEYS[1], 1, 'x')"));
  EXPECT_TRUE(told("return redis.call('PEXPIRE', KEYS[1], 60000)"));
  // An expiry is told, too: once more, later.
  EXPECT_TRUE(told("return redis.call('PEXPIRE', KEYS[1], 100)"));
  pod->heard.Clear();
  EXPECT_TRUE(WaitFor([&] { return pod->heard.Changed(key_); }));
}

TEST_F(CacheTrackingTest, WhatIsEvictedIsTold) {
  auto pod = NewPod();
  ASSERT_TRUE(pod->call.Write(key_, std::string(1 << 20, 'x')).ok());
  ASSERT_TRUE(pod->call.AddMarks("ns", {"tag"}).ok());
  ASSERT_TRUE(pod->call.Append("ns", "k", "v").ok());
  pod->heard.Clear();
  server_.Ask({"CONFIG", "SET", "maxmemory-policy", "volatile-ttl"});
  const std::string info = server_.Ask({"INFO", "memory"}).text;
  const size_t used = info.find("used_memory:") + 12;
  const int64_t most = std::stoll(info.substr(used)) - (512 << 10);
  server_.Ask({"CONFIG", "SET", "maxmemory", std::to_string(most)});
  // Redis evicts when it is asked for something.
  EXPECT_TRUE(WaitFor([&] {
    server_.Ask({"SET", "x", "y"});
    return pod->heard.Changed(key_);
  }));
  EXPECT_EQ(*pod->call.Read(key_), "");
  EXPECT_EQ(pod->call.ReadMarks("ns")->tags.size(), 1u);
  EXPECT_EQ(pod->call.Pull("ns", "a")->size(), 1u);
}

TEST_F(CacheTrackingTest, LeasesAndReadsAreNotTold) {
  auto pod = NewPod();
  ASSERT_TRUE(pod->call.Acquire(key_, 1).ok());
  ASSERT_TRUE(pod->call.Acquire(key_, 2).ok());
  ASSERT_TRUE(pod->call.Read(key_).ok());
  ASSERT_TRUE(pod->call.AddHotKeys("ns", {{"key", 1}}).ok());
  ASSERT_TRUE(pod->call.Abandon(key_, {1, 1}).ok());
  ASSERT_TRUE(Hears(*pod));
  EXPECT_FALSE(pod->heard.Changed(key_));
}

TEST_F(CacheTrackingTest, ALateListenerIsToldThatAllIsHeard) {
  auto pod = NewPod();
  HeardChanges late;
  pod->store().Listen(&late);
  EXPECT_TRUE(late.verified());
  EXPECT_TRUE(late.forgot());
  EXPECT_TRUE(pod->call.Write(key_, "value").ok());
  EXPECT_TRUE(WaitFor([&] { return late.Changed(key_); }));
  pod->store().Listen(&pod->heard);
}

TEST_F(CacheTrackingTest, AFlushIsAGapInWhichAllIsLost) {
  auto pod = NewPod();
  for (const char* command : {"FLUSHALL", "FLUSHDB"}) {
    pod->heard.Clear();
    const int losses = pod->heard.losses();
    server_.Ask({command});
    EXPECT_TRUE(WaitFor([&] { return pod->heard.losses() > losses; }));
    EXPECT_TRUE(pod->Verified());
    EXPECT_TRUE(pod->heard.forgot());
  }
}

TEST_F(CacheTrackingTest, ALostConnectionIsAGap) {
  auto pod = NewPod();
  pod->heard.Clear();
  EXPECT_EQ(server_.Ask({"CLIENT", "KILL", "TYPE", "pubsub"}).integer, 1);
  EXPECT_TRUE(WaitFor([&] { return pod->heard.losses() == 1; }));
  EXPECT_TRUE(pod->Verified());
  EXPECT_FALSE(pod->heard.forgot());
  EXPECT_TRUE(Hears(*pod));
}

TEST_F(CacheTrackingTest, TheLossOfTheOtherConnectionIsNone) {
  auto pod = NewPod();
  EXPECT_EQ(server_.Ask({"CLIENT", "KILL", "TYPE", "normal"}).integer, 1);
  EXPECT_TRUE(WaitFor([&] { return pod->call.Read(key_).ok(); }));
  EXPECT_TRUE(Hears(*pod));
  EXPECT_EQ(pod->heard.losses(), 0);
}

TEST_F(CacheTrackingTest, ADeadServerIsAGapUntilItIsBack) {
  auto pod = NewPod();
  ASSERT_TRUE(pod->call.Write(key_, "value").ok());
  pod->heard.Clear();
  server_.Kill();
  EXPECT_TRUE(pod->Unverified());
  EXPECT_TRUE(WaitFor([&] { return !pod->store().reachable(); }));
  server_.Restart();
  EXPECT_TRUE(pod->Verified());
  EXPECT_TRUE(pod->heard.forgot());
  EXPECT_TRUE(Hears(*pod));
  EXPECT_EQ(*pod->call.Read(key_), "");
}

TEST_F(CacheTrackingTest, AServerThatHangsIsAGap) {
  auto pod = NewPod();
  ASSERT_TRUE(pod->call.Write(key_, "value").ok());
  pod->heard.Clear();
  server_.Stop();
  EXPECT_TRUE(pod->Unverified());
  server_.Continue();
  EXPECT_TRUE(pod->Verified());
  EXPECT_FALSE(pod->heard.forgot());
  EXPECT_TRUE(Hears(*pod));
}

TEST_F(CacheTrackingTest, HearingIsForALimitedTimeThatMovesOn) {
  auto pod = NewPod();
  const SystemClock clock;
  const MonotonicTime first = pod->store().heard_until();
  EXPECT_GT(first, clock.Now());
  EXPECT_LT(first, clock.Now() + std::chrono::seconds(4));
  EXPECT_TRUE(WaitFor([&] { return pod->store().heard_until() > first; }));
  server_.Stop();
  EXPECT_TRUE(pod->Unverified());
  const MonotonicTime last = pod->store().heard_until();
  server_.Continue();
  EXPECT_TRUE(pod->Verified());
  EXPECT_GT(pod->store().heard_until(), last);
}

TEST_F(CacheTrackingTest, AReplicaIsNotBelieved) {
  auto pod = NewPod();
  RedisServer master;
  server_.Ask({"REPLICAOF", "127.0.0.1", std::to_string(master.port())});
  // Nothing is written, so only the server itself can tell.
  EXPECT_TRUE(pod->Unverified());
  server_.Ask({"REPLICAOF", "NO", "ONE"});
  EXPECT_TRUE(pod->Verified());
  EXPECT_TRUE(Hears(*pod));
}

TEST_F(CacheTrackingTest, ManyKeysAtOnceAreAllTold) {
  auto pod = NewPod();
  server_.Ask({"EVAL",
               "for i = 1, 20000 do redis.call('SET', ARGV[1] .. i .. '}', '')"
               " end",
               "0", "outrigger:1:c:{ns:"});
  EXPECT_TRUE(WaitFor([&] {
    return pod->heard.Changed({"ns", "1"}) &&
           pod->heard.Changed({"ns", "20000"});
  }));
  EXPECT_TRUE(pod->heard.verified());
}

TEST_F(CacheTrackingTest, KeysThatAreNotOursAreLeftOut) {
  auto pod = NewPod();
  for (const char* name :
       {"outrigger:1:c:", "outrigger:1:c:x", "outrigger:1:c:{x}",
        "outrigger:1:c:{ns:open", "outrigger:1:n:", "outrigger:1:w:{"}) {
    server_.Ask({"SET", name, "x"});
  }
  EXPECT_TRUE(Hears(*pod));
  EXPECT_FALSE(pod->heard.Marked(""));
  EXPECT_EQ(pod->heard.losses(), 0);
}

TEST_F(CacheTrackingTest, TheStoresClockIsKnown) {
  auto pod = NewPod();
  EXPECT_TRUE(WaitFor([&] {
    const Reply time = server_.Ask({"TIME"});
    const int64_t server_ms = std::stoll(time.elements[0].text) * 1000 +
                              std::stoll(time.elements[1].text) / 1000;
    return std::abs(pod->store().NowMs() - server_ms) < 50;
  }));
}

TEST(StoreClockTest, TheShortestRoundTripCountsForAMinute) {
  FakeClock clock;
  StoreClock store_clock(clock);
  // As if the server's clock showed `server_us` now, after `ms` on the way.
  const auto learn = [&](int64_t server_us, int64_t ms) {
    store_clock.Learn(server_us, clock.Now() - std::chrono::milliseconds(ms),
                      clock.Now());
  };
  learn(1'000'000'000, 100);  // read 50 ms ago, more or less
  EXPECT_NEAR(store_clock.NowUs(), 1'000'050'000, 10);
  learn(1'000'030'000, 2);  // better
  EXPECT_NEAR(store_clock.NowUs(), 1'000'031'000, 10);
  learn(1'000'025'000, 20);  // worse, and no contradiction
  EXPECT_NEAR(store_clock.NowUs(), 1'000'031'000, 10);
  clock.Advance(std::chrono::seconds(30));
  EXPECT_NEAR(store_clock.NowUs(), 1'030'031'000, 10);
  learn(1'030'021'000, 30);
  EXPECT_NEAR(store_clock.NowUs(), 1'030'031'000, 10);
  clock.Advance(std::chrono::seconds(31));
  learn(1'061'021'000, 30);  // the good one is old
  EXPECT_NEAR(store_clock.NowUs(), 1'061'036'000, 10);
  learn(2'000'000'000, 200);  // the clock was set
  EXPECT_NEAR(store_clock.NowUs(), 2'000'100'000, 10);
}

}  // namespace
}  // namespace outrigger::redis
