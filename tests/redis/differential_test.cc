// The scripts in a real Redis against the state machines in C++: the same
// operations at the same times must give the same answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "redis/limits/calls.h"
#include "redis/limits/layout.h"
#include "redis/limits/replies.h"
#include "redis/limits/scripts.h"
#include "redis/scripted_time.h"
#include "store/memory_store.h"
#include "support/fake_clock.h"
#include "support/redis_server.h"

namespace outrigger::redis {
namespace {

using limit::Algorithm;
using limit::Verdict;
using store::AdjustRequest;
using store::BucketRef;
using store::LeaseReply;
using store::LeaseRequest;
using store::TakeReply;
using store::TakeRequest;

// The same operation on both, and the same answer from both.
class DifferentialTest : public ::testing::TestWithParam<BucketRef> {
 protected:
  DifferentialTest() : memory_(clock_), redis_(server_.address()) {
    clock_.Advance(std::chrono::hours(24 * 365));
    Tell();
    SetEpoch(0);
  }

  int64_t NowUs() const {
    return ToMicros(clock_.WallNow().time_since_epoch());
  }

  void Tell() { redis_.Set(NowUs()); }

  void Pass(int64_t us) {
    clock_.Advance(std::chrono::microseconds(us));
    Tell();
  }

  void SetEpoch(int64_t forgot_us) {
    epoch_.forgot_us = std::to_string(forgot_us);
    epoch_.text = epoch_.forgot_us + "::test";
    ++ordinal_;
    epoch_.ordinal = ordinal_;
    redis_.cli().Ask(
        {"SET", EpochKey(prefix_, Command::kAnySlot), epoch_.text});
  }

  // Both lose everything now.
  void Forget() {
    redis_.cli().Ask({"FLUSHALL"});
    kept_.clear();
    Tell();
    memory_.Flush();
    SetEpoch(NowUs());
  }

  // Both fail over to what they knew when Keep was called.
  void Keep() {
    kept_ = memory_.Replicate();
    redis_.cli().Ask({"COPY", Key(), "kept", "REPLACE"});
  }
  void FailOver() {
    redis_.cli().Ask({"DEL", Key()});
    redis_.cli().Ask({"COPY", "kept", Key()});
    memory_.FailOverTo(std::move(kept_));
    kept_.clear();
    SetEpoch(NowUs());
  }

  std::string Key() const { return BucketKey(prefix_, GetParam()); }
  CallContext Context() const { return {prefix_, Command::kAnySlot, epoch_}; }

  void Take(const TakeRequest& request) {
    TakeReply expected;
    memory_.Take(request, [&](auto reply) { expected = *std::move(reply); });
    const auto actual = ParseTake(
        redis_.Run(TakeScript(), TakeCall(request, Context())), request);
    Compare(expected, actual);
  }

  // By take_one.lua, where that is what the store would use.
  void TakeOne(const TakeRequest& request) {
    if (GetParam().shape.algorithm != Algorithm::kTokenBucket) {
      return Take(request);
    }
    TakeReply expected;
    memory_.Take(request, [&](auto reply) { expected = *std::move(reply); });
    const auto actual = ParseTakeOne(
        redis_.Run(TakeOneScript(), TakeOneCall(request, Context())), request);
    Compare(expected, actual);
  }

  static void CompareMicros(int64_t expected, int64_t actual) {
    // A division's last digit may differ, and then be rounded up.
    const double tolerance = 2 + 1e-9 * static_cast<double>(expected);
    EXPECT_NEAR(static_cast<double>(expected), static_cast<double>(actual),
                tolerance);
  }

  static void Compare(const TakeReply& expected,
                      const absl::StatusOr<TakeReply>& actual) {
    ASSERT_EQ(actual.status(), absl::OkStatus());
    EXPECT_EQ(expected.allowed, actual->allowed);
    ASSERT_EQ(expected.verdicts.size(), actual->verdicts.size());
    for (size_t i = 0; i < expected.verdicts.size(); ++i) {
      const Verdict& want = expected.verdicts[i];
      const Verdict& got = actual->verdicts[i];
      EXPECT_EQ(want.allowed, got.allowed);
      EXPECT_NEAR(want.remaining, got.remaining, 1e-3);
      CompareMicros(want.reset_after_us, got.reset_after_us);
      CompareMicros(want.retry_after_us, got.retry_after_us);
      CompareMicros(want.wait_us, got.wait_us);
    }
  }

  void Lease(double want, double min) {
    LeaseRequest ours, theirs;
    ours.bucket = theirs.bucket = GetParam();
    ours.want = theirs.want = want;
    ours.min = theirs.min = min;
    ours.want_for_us = theirs.want_for_us = 250'000;
    ours.accounts = std::exchange(ours_, {});
    theirs.accounts = std::exchange(theirs_, {});
    LeaseReply expected;
    memory_.Lease(ours, [&](auto reply) { expected = *std::move(reply); });
    const auto actual = ParseLease(
        redis_.Run(LeaseScript(), LeaseCall(theirs, Context())), ordinal_);
    ASSERT_EQ(actual.status(), absl::OkStatus());
    EXPECT_NEAR(expected.granted, actual->granted, 1e-6);
    EXPECT_NEAR(expected.available, actual->available, 1e-3);
    EXPECT_NEAR(expected.tokens_per_period, actual->tokens_per_period, 1e-6);
    CompareMicros(expected.valid_for_us, actual->valid_for_us);
    CompareMicros(expected.reset_after_us, actual->reset_after_us);
    CompareMicros(expected.retry_after_us, actual->retry_after_us);
    lease_ = expected;
    lease_of_redis_ = actual->generation;
  }

  // To be told with the next Lease.
  void Report(double spent, double returned) {
    if (ours_.size() == 2) return;
    ours_.push_back({lease_.generation, spent, returned});
    theirs_.push_back({lease_of_redis_, spent, returned});
  }

  void Refund(double cost) {
    memory_.Refund(GetParam(), cost, [](const absl::Status&) {});
    redis_.Run(RefundScript(), RefundCall(GetParam(), cost, Context()));
  }

  void Adjust(bool up) {
    double expected = 0;
    memory_.Adjust({GetParam(), up}, [&](auto rate) { expected = *rate; });
    const auto actual = ParseAdjust(
        redis_.Run(AdjustScript(), AdjustCall({GetParam(), up}, Context())));
    ASSERT_EQ(actual.status(), absl::OkStatus());
    EXPECT_NEAR(expected, *actual, expected * 1e-9);
  }

  TakeRequest RequestOf(double cost, int64_t max_wait_us) const {
    TakeRequest request;
    request.items.resize(1);
    request.items[0].bucket = GetParam();
    request.items[0].cost = cost;
    request.max_wait_us = max_wait_us;
    return request;
  }

  const std::string prefix_ = "p";
  FakeClock clock_;
  store::MemoryStore memory_;
  store::MemoryStore::Buckets kept_;
  RedisServer server_;
  ScriptedTime redis_;
  Epoch epoch_;
  uint16_t ordinal_ = 0;
  LeaseReply lease_;
  uint64_t lease_of_redis_ = 0;
  std::vector<store::LeaseAccount> ours_, theirs_;
};

TEST_P(DifferentialTest, AnyOperationsAtAnyTimes) {
  const BucketRef& bucket = GetParam();
  const bool adaptive = bucket.shape.algorithm == Algorithm::kAdaptive;
  const bool leasable = bucket.shape.algorithm != Algorithm::kSlidingWindow ||
                        bucket.shape.burst > limit::kExactWindowLimit;
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    std::mt19937 random(seed);
    const auto upto = [&](int n) {
      return static_cast<int>(random() % (n + 1));
    };
    const int burst = static_cast<int>(bucket.shape.burst);
    for (int step = 0; step < 400; ++step) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << " step " << step);
      Pass(upto(4) == 0 ? upto(static_cast<int>(bucket.shape.period_us * 2))
                        : upto(static_cast<int>(bucket.shape.period_us / 8)));
      const int64_t wait =
          upto(2) == 0 ? upto(static_cast<int>(bucket.shape.period_us * 2)) : 0;
      switch (upto(9)) {
        case 0:
          TakeOne(RequestOf(0, wait));
          break;
        case 1:
          Take(RequestOf(upto(burst + 2), wait));
          break;
        case 2:
        case 3:
        case 4:
          TakeOne(RequestOf(1 + upto(burst / 3), wait));
          break;
        case 5:
          if (leasable) Report(upto(burst / 4), upto(burst / 4));
          break;
        case 6:
        case 7:
          if (leasable) {
            const int min = 1 + upto(burst / 8);
            Lease(upto(5) == 0 ? 0 : min + upto(burst / 2), min);
          }
          break;
        case 8:
          if (adaptive) Adjust(upto(1) == 0);
          if (!adaptive && step % 7 == 0) Refund(1 + upto(3));
          break;
        case 9:
          if (upto(3) == 0) Forget();
          if (upto(3) == 0) Keep();
          if (upto(3) == 0) FailOver();
          break;
      }
      if (HasFailure()) return;
    }
  }
}

BucketRef Bucket(Algorithm algorithm, double tokens, double burst,
                 int64_t period_us) {
  BucketRef bucket;
  bucket.key = "k{}\r\n\xff";
  bucket.shape.algorithm = algorithm;
  bucket.shape.tokens = tokens;
  bucket.shape.burst = burst;
  bucket.shape.period_us = period_us;
  bucket.adaptive.step_every_us = 100'000;
  return bucket;
}

INSTANTIATE_TEST_SUITE_P(
    Algorithms, DifferentialTest,
    ::testing::Values(Bucket(Algorithm::kTokenBucket, 100, 100, 60'000'000),
                      Bucket(Algorithm::kTokenBucket, 1000, 50, 1'000'000),
                      Bucket(Algorithm::kTokenBucket, 3, 7, 3'000'000),
                      Bucket(Algorithm::kAdaptive, 100, 150, 1'000'000),
                      Bucket(Algorithm::kFixedWindow, 20, 20, 2'000'000),
                      Bucket(Algorithm::kSlidingWindow, 20, 20, 2'000'000),
                      Bucket(Algorithm::kSlidingWindow, 1500, 1500,
                             4'000'000)));

}  // namespace
}  // namespace outrigger::redis
