// The store over a real Redis Cluster: redirects, resharding, failover.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "redis/limit_store.h"
#include "redis/limits/layout.h"
#include "redis/wire/slot.h"
#include "support/await.h"
#include "support/redis_server.h"

namespace outrigger::redis {
namespace {

using store::BucketRef;
using store::TakeReply;
using store::TakeRequest;

constexpr int64_t kYearUs = 366LL * 24 * 3'600'000'000;

class ClusterTest : public ::testing::Test {
 protected:
  std::unique_ptr<LimitStore> NewPod(RedisCluster& cluster) {
    Options options;
    options.mode = Mode::kCluster;
    options.addresses = cluster.addresses();
    options.timeout = std::chrono::seconds(3);
    EXPECT_EQ(Validate(options), absl::OkStatus());
    return std::make_unique<LimitStore>(options, clock_, random_, registry_);
  }

  static BucketRef Bucket(const std::string& key, double burst,
                          int64_t period_us = kYearUs) {
    BucketRef bucket;
    bucket.key = key;
    bucket.shape.tokens = bucket.shape.burst = burst;
    bucket.shape.period_us = period_us;
    return bucket;
  }

  static uint16_t SlotOf(const BucketRef& bucket) {
    return KeySlot(BucketKey("outrigger", bucket));
  }

  static absl::StatusOr<TakeReply> Take(LimitStore& pod,
                                        std::vector<BucketRef> buckets) {
    TakeRequest request;
    for (BucketRef& bucket : buckets) {
      request.items.emplace_back().bucket = std::move(bucket);
    }
    return Await<absl::StatusOr<TakeReply>>(
        [&](auto done) { pod.Take(std::move(request), std::move(done)); });
  }

  static absl::StatusOr<store::LeaseReply> Lease(LimitStore& pod,
                                                 const BucketRef& bucket) {
    store::LeaseRequest request;
    request.bucket = bucket;
    request.want = 50;
    request.min = 1;
    return Await<absl::StatusOr<store::LeaseReply>>(
        [&](auto done) { pod.Lease(std::move(request), std::move(done)); });
  }

  SystemClock clock_;
  PseudoRandomSource random_{1};
  telemetry::Registry registry_;
};

TEST(SlotTest, AgreesWithRedis) {
  RedisServer server({"--cluster-enabled", "yes", "--cluster-port",
                      std::to_string(FreePort())});
  RedisCli cli(server.address());
  PseudoRandomSource random(7);
  const std::string alphabet("{}{}ab\0\xff\r", 9);
  for (int i = 0; i < 2000; ++i) {
    std::string key;
    for (uint64_t n = random.Next() % 12; n > 0; --n) {
      key += alphabet[random.Next() % alphabet.size()];
    }
    ASSERT_EQ(cli.Ask({"CLUSTER", "KEYSLOT", key}).integer, KeySlot(key));
  }
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    ASSERT_EQ(KeySlot(TagOfSlot(static_cast<uint16_t>(slot))), slot);
  }
}

TEST_F(ClusterTest, ServesEverySlotAndKeepsTheEpochBesideTheBuckets) {
  RedisCluster cluster(3, 0);
  auto pod = NewPod(cluster);
  for (int i = 0; i < 60; ++i) {
    const BucketRef bucket = Bucket("k" + std::to_string(i), 1);
    const auto first = Take(*pod, {bucket});
    ASSERT_EQ(first.status(), absl::OkStatus());
    EXPECT_TRUE(first->allowed);
    EXPECT_FALSE(Take(*pod, {bucket})->allowed);
  }
}

TEST_F(ClusterTest, BucketsInSeveralSlotsAreTakenAllOrNone) {
  RedisCluster cluster(3, 0);
  auto pod = NewPod(cluster);
  const std::vector<BucketRef> buckets = {Bucket("a", 5), Bucket("b", 1),
                                          Bucket("c", 5), Bucket("d", 5)};
  EXPECT_TRUE(Take(*pod, buckets)->allowed);
  const auto denied = Take(*pod, buckets);
  ASSERT_EQ(denied.status(), absl::OkStatus());
  EXPECT_FALSE(denied->allowed);
  EXPECT_FALSE(denied->verdicts[1].allowed);
  for (const int i : {0, 2, 3}) {
    EXPECT_TRUE(denied->verdicts[i].allowed);
    // Given back: in turn behind the denial, so it is seen by and by.
    EXPECT_TRUE(WaitFor([&] {
      TakeRequest peek;
      peek.items.emplace_back().bucket = buckets[i];
      peek.items[0].cost = 0;
      const auto reply = Await<absl::StatusOr<TakeReply>>(
          [&](auto done) { pod->Take(std::move(peek), std::move(done)); });
      return reply.ok() && reply->verdicts[0].remaining == 4;
    }));
  }
}

TEST_F(ClusterTest, ReshardingUnderLoadCostsNoErrorsAndNoTokens) {
  RedisCluster cluster(3, 0);
  auto pod = NewPod(cluster);
  std::vector<BucketRef> buckets;
  std::vector<std::atomic<int>> admitted(8);
  for (int i = 0; i < 8; ++i) {
    buckets.push_back(Bucket("k" + std::to_string(i), 1e6));
    ASSERT_TRUE(Take(*pod, {buckets[i]}).ok());
    ++admitted[i];
  }
  std::atomic<bool> stop{false};
  std::atomic<int> errors{0};
  std::vector<std::thread> load;
  for (int t = 0; t < 2; ++t) {
    load.emplace_back([&, t] {
      for (int i = t; !stop; ++i) {
        const int k = i % 8;
        const auto reply = Take(*pod, {buckets[k]});
        if (reply.ok() && reply->allowed) {
          ++admitted[k];
        } else {
          ++errors;
          ADD_FAILURE() << reply.status();
        }
      }
    });
  }
  for (const BucketRef& bucket : buckets) {
    const uint16_t slot = SlotOf(bucket);
    const size_t from = 3 * slot / kSlots;
    cluster.MoveSlot(slot, from, (from + 1) % 3);
  }
  stop = true;
  for (std::thread& thread : load) thread.join();
  EXPECT_EQ(errors, 0);
  for (int i = 0; i < 8; ++i) {
    const auto reply = Take(*pod, {buckets[i]});
    ASSERT_EQ(reply.status(), absl::OkStatus());
    EXPECT_EQ(reply->verdicts[0].remaining, 1e6 - admitted[i] - 1);
  }
  EXPECT_GT(
      registry_.GetCounter(telemetry::kRedisRedirects, {{"kind", "moved"}})
          .Value(),
      0u);
}

TEST_F(ClusterTest, AFailoverIsALossForItsSlotsOnly) {
  RedisCluster cluster(3, 1);
  auto pod = NewPod(cluster);
  // Full again in 10 ms, were it not for the loss.
  std::vector<BucketRef> lost, kept;
  for (int i = 0; lost.size() < 3 || kept.size() < 3; ++i) {
    const BucketRef bucket = Bucket("k" + std::to_string(i), 100, 10'000);
    (3 * SlotOf(bucket) / kSlots == 0 ? lost : kept).push_back(bucket);
    ASSERT_TRUE(Lease(*pod, bucket).ok());
  }
  cluster.node(0).Kill();
  for (const BucketRef& bucket : lost) {
    absl::StatusOr<store::LeaseReply> reply;
    ASSERT_TRUE(WaitFor([&] {
      reply = Lease(*pod, bucket);
      return reply.ok();
    }));
    EXPECT_EQ(reply->granted, 0);
  }
  for (const BucketRef& bucket : lost) {
    EXPECT_TRUE(WaitFor([&] {
      const auto later = Lease(*pod, bucket);
      return later.ok() && later->granted > 0;
    }));
  }
  for (const BucketRef& bucket : kept) {
    const auto reply = Lease(*pod, bucket);
    ASSERT_EQ(reply.status(), absl::OkStatus());
    EXPECT_GT(reply->granted, 0);
  }
  EXPECT_TRUE(WaitFor([&] { return pod->reachable(); }));
}

}  // namespace
}  // namespace outrigger::redis
