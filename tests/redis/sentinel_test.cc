// The store over a master that sentinels watch.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "redis/breaker_pod.h"
#include "redis/cache/layout.h"
#include "redis/cache_pod.h"
#include "redis/limit_store.h"
#include "redis/pool_pod.h"
#include "support/await.h"
#include "support/redis_server.h"

namespace outrigger::redis {
namespace {

class SentinelTest : public ::testing::Test {
 protected:
  SentinelTest() {
    WaitFor([&] {
      return replica_.Ask({"INFO", "replication"})
                 .text.find("master_link_status:up") != std::string::npos;
    });
    for (auto& sentinel : sentinels_) {
      sentinel = std::make_unique<RedisServer>(
          std::vector<std::string>{"sentinel monitor m 127.0.0.1 " +
                                       std::to_string(master_.port()) + " 2",
                                   "sentinel down-after-milliseconds m 500",
                                   "sentinel failover-timeout m 3000"},
          /*sentinel=*/true);
    }
    for (auto& sentinel : sentinels_) {
      WaitFor([&] {
        return sentinel->Ask({"SENTINEL", "SENTINELS", "m"}).elements.size() ==
                   2 &&
               sentinel->Ask({"SENTINEL", "REPLICAS", "m"}).elements.size() ==
                   1;
      });
    }
  }

  Options OptionsForSentinels() {
    Options options;
    options.mode = Mode::kSentinel;
    options.sentinel.master = "m";
    for (auto& sentinel : sentinels_) {
      options.addresses.push_back(sentinel->address());
    }
    options.timeout = std::chrono::milliseconds(500);
    EXPECT_EQ(Validate(options), absl::OkStatus());
    return options;
  }

  std::unique_ptr<LimitStore> NewPod() {
    return std::make_unique<LimitStore>(OptionsForSentinels(), clock_, random_,
                                        registry_);
  }

  static absl::StatusOr<store::LeaseReply> Lease(LimitStore& pod) {
    store::LeaseRequest request;
    request.bucket.key = "k";
    request.bucket.shape.tokens = request.bucket.shape.burst = 100;
    request.bucket.shape.period_us = 10'000;
    request.want = 50;
    request.min = 1;
    return Await<absl::StatusOr<store::LeaseReply>>(
        [&](auto done) { pod.Lease(std::move(request), std::move(done)); });
  }

  SystemClock clock_;
  PseudoRandomSource random_{1};
  telemetry::Registry registry_;
  RedisServer master_;
  RedisServer replica_{{"--replicaof",
                        "127.0.0.1 " + std::to_string(master_.port()),
                        "--repl-diskless-sync-delay", "0"}};
  std::unique_ptr<RedisServer> sentinels_[3];
};

TEST_F(SentinelTest, FollowsTheMasterAndTakesAFailoverForALoss) {
  auto pod = NewPod();
  absl::StatusOr<store::LeaseReply> lease;
  ASSERT_TRUE(WaitFor([&] {
    lease = Lease(*pod);
    return lease.ok();
  }));
  EXPECT_EQ(lease->granted, 50);
  sentinels_[0]->Kill();  // two are left to agree; the pod goes to the next
  master_.Kill();
  ASSERT_TRUE(WaitFor([&] {
    lease = Lease(*pod);
    return lease.ok();
  }));
  EXPECT_EQ(lease->granted, 0);
  EXPECT_GE(replica_.Ask({"EXISTS", "outrigger:1:epoch"}).integer, 1);
  ASSERT_TRUE(WaitFor([&] {
    lease = Lease(*pod);
    return lease.ok() && lease->granted > 0;
  }));
}

TEST_F(SentinelTest, LeavesAMasterThatWasReplacedWhileItStillAnswers) {
  auto pod = NewPod();
  ASSERT_TRUE(WaitFor([&] { return Lease(*pod).ok(); }));
  sentinels_[0]->Ask({"SENTINEL", "FAILOVER", "m"});
  EXPECT_TRUE(WaitFor([&] {
    // Whatever it says on the way, at last the new master serves.
    return Lease(*pod).ok() &&
           replica_.Ask({"INFO", "commandstats"})
                   .text.find("cmdstat_evalsha") != std::string::npos;
  }));
}

TEST_F(SentinelTest, ChangesAreHeardOfFromTheNewMaster) {
  CachePod pod(OptionsForSentinels());
  ASSERT_TRUE(pod.Verified());
  const store::CacheKey key{"ns", "key"};
  ASSERT_TRUE(pod.call.Write(key, "value").ok());
  pod.heard.Clear();
  // Nobody asks the old master, which lives, for anything.
  sentinels_[0]->Ask({"SENTINEL", "FAILOVER", "m"});
  EXPECT_TRUE(WaitFor([&] {
    return pod.heard.losses() > 0 && pod.heard.verified() && pod.heard.forgot();
  }));
  pod.heard.Clear();
  const std::string name = CacheLayout("outrigger").Record(key);
  ASSERT_TRUE(WaitFor([&] {
    return replica_.Ask({"SET", name, "x"}).IsStatus("OK");
  }));
  EXPECT_TRUE(WaitFor([&] { return pod.heard.Changed(key); }));
}

TEST_F(SentinelTest, BreakersAndPoolsGoToTheNewMaster) {
  BreakerPod breaker(OptionsForSentinels());
  PoolPod one(OptionsForSentinels(), "one"), two(OptionsForSentinels(), "two");
  ASSERT_TRUE(breaker.Hears() && one.Hears() && two.Hears());
  const store::BreakerKey key{"payments", ""};
  EXPECT_EQ(breaker.AnswerOf(key).record, store::BreakerRecord{});
  const auto open = breaker.call.Swap(key, 0, "open");
  ASSERT_EQ(open.status(), absl::OkStatus());
  ASSERT_EQ(one.AnswerTo(10).slots, 10u);
  const int heard = breaker.heard.heard(), back = two.called.back();
  master_.Kill();
  EXPECT_TRUE(breaker.IsDeaf());
  EXPECT_TRUE(WaitFor([&] {
    return breaker.heard.heard() > heard && two.called.back() > back;
  }));
  const store::PoolReply reply = two.AnswerTo(10);
  EXPECT_EQ(reply.slots, 0u);
  EXPECT_GT(reply.learning_for_us, 0);
  EXPECT_EQ(one.AnswerTo(10).slots, 10u);
  // What had reached the replica is there still.
  EXPECT_EQ(breaker.AnswerOf(key).record, open->record);
  EXPECT_TRUE(breaker.call.Swap(key, open->record.revision, "half")->swapped);
  EXPECT_TRUE(breaker.HearsOf(key));
}

}  // namespace
}  // namespace outrigger::redis
