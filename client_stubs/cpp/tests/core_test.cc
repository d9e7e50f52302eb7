#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "cache/workers.h"
#include "core/activities.h"
#include "core/loop.h"
#include "core/signal.h"
#include "core/target.h"
#include "support.h"

namespace outrigger::client::internal {
namespace {

Surroundings Place(std::map<std::string, std::string> variables,
                   std::set<std::string> paths) {
  return {
      .variable =
          [variables](const std::string& name) {
            const auto found = variables.find(name);
            return found == variables.end() ? "" : found->second;
          },
      .exists =
          [paths](const std::string& path) { return paths.contains(path); }};
}

TEST(TargetTest, TheOneGivenComesFirst) {
  const Surroundings set = Place({{"OUTRIGGER_TARGET", "/set.sock"}}, {});
  EXPECT_EQ(*ResolveTarget("unix:///a.sock", set), "unix:/a.sock");
  EXPECT_EQ(*ResolveTarget("unix:/a.sock", set), "unix:/a.sock");
  EXPECT_EQ(*ResolveTarget("/a.sock", set), "unix:/a.sock");
  EXPECT_EQ(*ResolveTarget("sidecar:7420", set), "sidecar:7420");
  EXPECT_EQ(*ResolveTarget("", set), "unix:/set.sock");
}

TEST(TargetTest, ThenTheFirstSocketThatExists) {
  const std::map<std::string, std::string> run = {{"XDG_RUNTIME_DIR", "/me"}};
  EXPECT_EQ(*ResolveTarget("", Place(run, {"/me/outrigger/outrigger.sock",
                                           "/tmp/outrigger/outrigger.sock"})),
            "unix:/me/outrigger/outrigger.sock");
  EXPECT_EQ(*ResolveTarget("", Place({}, {"/tmp/outrigger/outrigger.sock"})),
            "unix:/tmp/outrigger/outrigger.sock");
  EXPECT_EQ(*ResolveTarget("", Place({}, {"/run/outrigger"})),
            "unix:/run/outrigger/outrigger.sock");
  EXPECT_EQ(*ResolveTarget("", Place({}, {})), "127.0.0.1:7420");
}

TEST(TargetTest, WhatIsNoneIsAMistake) {
  for (const char* target : {"http://sidecar:7420", "sidecar", "unix:", ":1"}) {
    EXPECT_TRUE(
        absl::IsInvalidArgument(ResolveTarget(target, Place({}, {})).status()))
        << target;
  }
}

TEST(ClientTest, OptionsOutOfRangeAreNamed) {
  Options options;
  options.timeout = absl::ZeroDuration();
  EXPECT_EQ(Client::Connect(options).status().message(), "timeout: > 0");
  options = Options();
  options.pool.share = 0;
  EXPECT_TRUE(absl::IsInvalidArgument(Client::Connect(options).status()));
}

TEST(ClientTest, MayBeClosedFromItsOwnCallback) {
  auto client = std::make_shared<Client>(Connected(WithoutSidecar()));
  absl::Notification called;
  Limiter limiter = client->limiter();
  limiter.AllowAsync({{"user", "1"}}, {},
                     [&](const absl::StatusOr<Decision>& decision) {
                       EXPECT_EQ(decision->source, Source::kFallback);
                       client.reset();
                       called.Notify();
                     });
  called.WaitForNotification();
  EXPECT_TRUE(Eventually([&] {
    return absl::IsCancelled(limiter.Allow({{"user", "1"}}).status());
  }));
}

TEST(ClientTest, BlockingInACallbackIsAMistake) {
  Client client = Connected(WithoutSidecar());
  Limiter limiter = client.limiter();
  absl::Notification called;
  limiter.AllowAsync({{"user", "1"}}, {}, [&](const absl::StatusOr<Decision>&) {
    EXPECT_TRUE(
        absl::IsFailedPrecondition(limiter.Allow({{"user", "1"}}).status()));
    called.Notify();
  });
  called.WaitForNotification();
}

TEST(LoopTest, TimersRunInTheirOrder) {
  Loop loop;
  std::vector<int> ran;
  absl::Notification last;
  const Instant now = Now();
  loop.At(now + std::chrono::milliseconds(20), [&] {
    ran.push_back(2);
    last.Notify();
  });
  loop.At(now, [&] { ran.push_back(1); });
  const Loop::TimerId never =
      loop.At(now + std::chrono::hours(1), [&] { ran.push_back(9); });
  EXPECT_TRUE(loop.Cancel(never));
  EXPECT_FALSE(loop.Cancel(never));
  last.WaitForNotification();
  EXPECT_EQ(ran, (std::vector<int>{1, 2}));
}

TEST(SignalTest, WaitsUntilItIsNotified) {
  Signal signal;
  EXPECT_FALSE(signal.WaitUntil(Now()));
  std::thread other([&] { signal.Notify(); });
  signal.Wait();
  EXPECT_TRUE(signal.WaitUntil(Now()));
  other.join();
}

TEST(ActivitiesTest, CloseWaitsForWhatIsUnderWay) {
  Activities activities;
  ASSERT_TRUE(activities.Enter());
  activities.Close();
  EXPECT_FALSE(activities.Enter());
  std::thread other([&] { activities.Leave(); });
  activities.Wait();
  other.join();
}

TEST(WorkersTest, RunAtMostSoManyAndEndWhenTheyIdle) {
  Workers workers(2, absl::Milliseconds(1));
  absl::Notification go;
  std::atomic<int> ran{0};
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(workers.Run([&] {
      go.WaitForNotification();
      ++ran;
    }));
  }
  EXPECT_FALSE(workers.Run([] {}));
  go.Notify();
  EXPECT_TRUE(Eventually([&] { return ran == 2 && workers.threads() == 0; }));
  EXPECT_TRUE(workers.Run([&] {
    ++ran;
    throw std::string("is lost");
  }));
  workers.Close();
  EXPECT_EQ(ran, 3);
  EXPECT_FALSE(workers.Run([] {}));
}

}  // namespace
}  // namespace outrigger::client::internal
