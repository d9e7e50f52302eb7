// The store over one real Redis: the suite of all stores, and what only a real
// server can do.
#include "redis/limit_store.h"

#include "store/limit_store_suite.h"
#include "support/redis_server.h"

namespace outrigger::redis {
namespace {

using store::BucketRef;
using store::LeaseReply;
using store::LeaseRequest;
using store::TakeReply;
using store::TakeRequest;

class RedisUnderTest : public store::StoreUnderTest {
 public:
  explicit RedisUnderTest(const Address& address)
      : store_(OptionsFor(address), clock_, random_, registry_) {}

  static Options OptionsFor(const Address& address) {
    Options options;
    options.addresses = {address};
    options.timeout = std::chrono::milliseconds(500);
    return options;
  }

  store::LimitStore& store() override { return store_; }
  void Tick() override {}

 private:
  SystemClock clock_;
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  LimitStore store_;
};

// Each test has a server of its own.
class ServerAndStore final : public store::StoreUnderTest {
 public:
  store::LimitStore& store() override { return under_test_.store(); }
  void Tick() override {}

 private:
  RedisServer server_;
  RedisUnderTest under_test_{server_.address()};
};

}  // namespace
}  // namespace outrigger::redis

namespace outrigger::store {
INSTANTIATE_TEST_SUITE_P(Redis, LimitStoreSuite, ::testing::Values([] {
                           return std::make_unique<redis::ServerAndStore>();
                         }));
}  // namespace outrigger::store

namespace outrigger::redis {
namespace {

constexpr int64_t kYearUs = store::kYearUs;

class RedisStoreTest : public ::testing::Test {
 protected:
  // Another pod's store.
  std::unique_ptr<RedisUnderTest> NewPod() {
    return std::make_unique<RedisUnderTest>(server_.address());
  }

  static BucketRef Bucket(double burst, int64_t period_us) {
    BucketRef bucket;
    bucket.key = "k";
    bucket.shape.tokens = bucket.shape.burst = burst;
    bucket.shape.period_us = period_us;
    return bucket;
  }

  static absl::StatusOr<LeaseReply> Lease(
      RedisUnderTest& pod, const BucketRef& bucket, double want,
      std::vector<store::LeaseAccount> accounts = {}) {
    LeaseRequest request;
    request.bucket = bucket;
    request.want = want;
    request.min = want > 0 ? 1 : 0;
    request.accounts = std::move(accounts);
    return Await<absl::StatusOr<LeaseReply>>([&](auto done) {
      pod.store().Lease(std::move(request), std::move(done));
    });
  }

  static absl::StatusOr<TakeReply> Take(RedisUnderTest& pod,
                                        const BucketRef& bucket, double cost) {
    TakeRequest request;
    request.items.resize(1);
    request.items[0].bucket = bucket;
    request.items[0].cost = cost;
    return Await<absl::StatusOr<TakeReply>>([&](auto done) {
      pod.store().Take(std::move(request), std::move(done));
    });
  }

  static bool Allowed(const absl::StatusOr<TakeReply>& reply) {
    return reply.ok() && reply->allowed;
  }

  RedisServer server_;
};

TEST_F(RedisStoreTest, EveryKeyHasAnExpiry) {
  auto pod = NewPod();
  BucketRef bucket = Bucket(5, 60'000'000);
  for (const auto algorithm :
       {limit::Algorithm::kTokenBucket, limit::Algorithm::kAdaptive,
        limit::Algorithm::kFixedWindow, limit::Algorithm::kSlidingWindow}) {
    bucket.shape.algorithm = algorithm;
    ASSERT_TRUE(Allowed(Take(*pod, bucket, 2)));
  }
  bucket.shape.tokens = bucket.shape.burst = 5000;
  ASSERT_TRUE(Allowed(Take(*pod, bucket, 2)));
  EXPECT_TRUE(Await<absl::StatusOr<uint32_t>>([&](auto done) {
                pod->store().Heartbeat("pod", std::move(done));
              }).ok());
  const Reply keys = server_.Ask({"KEYS", "*"});
  EXPECT_EQ(keys.elements.size(), 7u);
  for (const Reply& key : keys.elements) {
    EXPECT_EQ(key.text.rfind("outrigger:1:", 0), 0u) << key.text;
    EXPECT_GT(server_.Ask({"PTTL", key.text}).integer, 0) << key.text;
  }
}

TEST_F(RedisStoreTest, ADenialWritesNothing) {
  auto pod = NewPod();
  const BucketRef bucket = Bucket(1, kYearUs);
  ASSERT_TRUE(Allowed(Take(*pod, bucket, 1)));
  const std::string before = server_.Ask({"GET", "outrigger:1:t:k"}).text;
  EXPECT_FALSE(Allowed(Take(*pod, bucket, 1)));
  EXPECT_EQ(server_.Ask({"GET", "outrigger:1:t:k"}).text, before);
}

TEST_F(RedisStoreTest, PodsShareABucket) {
  auto a = NewPod(), b = NewPod();
  const BucketRef bucket = Bucket(2, kYearUs);
  EXPECT_TRUE(Allowed(Take(*a, bucket, 1)));
  EXPECT_TRUE(Allowed(Take(*b, bucket, 1)));
  EXPECT_FALSE(Allowed(Take(*a, bucket, 1)));
}

TEST_F(RedisStoreTest, AFlushedStoreLendsNothingUntilLeasesHaveLapsed) {
  auto a = NewPod(), b = NewPod();
  // Ten thousand tokens a second: full again in 10 ms, were it not for the
  // loss.
  const BucketRef bucket = Bucket(100, 10'000);
  const auto lease = Lease(*a, bucket, 50);
  ASSERT_TRUE(lease.ok());
  ASSERT_EQ(lease->granted, 50);
  server_.Ask({"FLUSHALL"});
  for (RedisUnderTest* pod : {a.get(), b.get()}) {
    const auto after = Lease(*pod, bucket, 50);
    ASSERT_EQ(after.status(), absl::OkStatus());
    // A pod that comes new to an empty store cannot know of the loss; b is made
    // aware by a, who knew the store before.
    EXPECT_EQ(after->granted, 0);
    EXPECT_GT(after->retry_after_us, 500'000);
  }
  // The lease from before is neither credited nor counted as spent.
  const auto report = Lease(*a, bucket, 0, {{lease->generation, 10, 40}});
  ASSERT_EQ(report.status(), absl::OkStatus());
  EXPECT_EQ(report->available, 0);
  EXPECT_TRUE(WaitFor([&] {
    const auto later = Lease(*b, bucket, 50);
    return later.ok() && later->granted > 0;
  }));
}

TEST_F(RedisStoreTest, ARestartedServerHasForgotten) {
  auto pod = NewPod();
  const BucketRef bucket = Bucket(100, 10'000);
  const auto lease = Lease(*pod, bucket, 50);
  ASSERT_TRUE(lease.ok() && lease->granted == 50);
  server_.Restart();
  absl::StatusOr<LeaseReply> after;
  ASSERT_TRUE(WaitFor([&] {
    after = Lease(*pod, bucket, 50);
    return after.ok();
  }));
  EXPECT_EQ(after->granted, 0);
}

TEST_F(RedisStoreTest, AnEvictedEpochIsALoss) {
  auto pod = NewPod();
  const BucketRef bucket = Bucket(100, 10'000);
  ASSERT_TRUE(Lease(*pod, bucket, 50).ok());
  server_.Ask({"DEL", "outrigger:1:epoch"});
  const auto after = Lease(*pod, bucket, 50);
  ASSERT_EQ(after.status(), absl::OkStatus());
  EXPECT_EQ(after->granted, 0);
}

TEST_F(RedisStoreTest, ScriptFlushIsNotNoticed) {
  auto pod = NewPod();
  const BucketRef bucket = Bucket(10, kYearUs);
  ASSERT_TRUE(Allowed(Take(*pod, bucket, 1)));
  server_.Ask({"SCRIPT", "FLUSH"});
  EXPECT_TRUE(Allowed(Take(*pod, bucket, 1)));
}

TEST_F(RedisStoreTest, SomebodyElsesKeyUnderOurNameIsAnErrorNotACrash) {
  auto pod = NewPod();
  const BucketRef bucket = Bucket(10, kYearUs);
  ASSERT_TRUE(Allowed(Take(*pod, bucket, 1)));
  server_.Ask({"SET", "outrigger:1:t:k", "nonsense"});
  EXPECT_EQ(Take(*pod, bucket, 1).status().code(), absl::StatusCode::kInternal);
  server_.Ask({"SET", "outrigger:1:epoch", "nonsense"});
  server_.Ask({"DEL", "outrigger:1:t:k"});
  EXPECT_TRUE(Take(*pod, bucket, 1).ok());
}

TEST_F(RedisStoreTest, WithoutRedisEveryCallIsAnsweredUnavailable) {
  auto pod = NewPod();
  const BucketRef bucket = Bucket(10, kYearUs);
  ASSERT_TRUE(Take(*pod, bucket, 1).ok());
  server_.Kill();
  ASSERT_TRUE(WaitFor([&] { return !pod->store().reachable(); }));
  EXPECT_EQ(Take(*pod, bucket, 1).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(Lease(*pod, bucket, 1).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(Await<absl::StatusOr<uint32_t>>([&](auto done) {
              pod->store().Heartbeat("a", std::move(done));
            })
                .status()
                .code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace outrigger::redis
