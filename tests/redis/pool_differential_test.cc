// The pools' script in a real Redis against the model in C++: the same
// exchanges at the same times must give the same answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "redis/pool/exchange_call.h"
#include "redis/pool/layout.h"
#include "redis/scripted_time.h"
#include "store/memory/pool_ledger.h"

namespace outrigger::redis {
namespace {

using store::PoolReply;
using store::PoolRequest;

constexpr char kPool[] = "orders-db";
constexpr int64_t kLeaseUs = 10'000'000;

class PoolDifferentialTest : public ::testing::TestWithParam<int> {
 protected:
  // One pod, as far as it goes its own way.
  struct Pod {
    std::string name;
    uint64_t sequence = 0;
    uint32_t slots = 0;
    int64_t lapses_us = 0;
    uint64_t token = 0;
  };

  PoolDifferentialTest() {
    SetEpoch(0);
    for (int i = 0; i < 12; ++i) {
      pods_.push_back({"pod-" + std::to_string(i)});
    }
  }

  void SetEpoch(int64_t forgot_us) {
    epoch_.forgot_us = std::to_string(forgot_us);
    epoch_.text = epoch_.forgot_us + "::test";
    redis_.cli().Ask(
        {"SET", EpochKey(prefix_, Command::kAnySlot), epoch_.text});
    birth_.clear();
  }

  // Both lose everything, or (fail over) all but what is out of date.
  void Forget(bool everything) {
    if (everything) redis_.cli().Ask({"FLUSHALL"});
    SetEpoch(now_us_);
    ledger_.Forget(now_us_ + kLeaseUs + store::kPoolLeaseMarginUs);
  }

  uint32_t Below(uint32_t most) {
    return static_cast<uint32_t>(random_() % most);
  }

  PoolRequest NextRequest(Pod& pod) {
    PoolRequest request;
    request.pool = kPool;
    request.pod = pod.name;
    // Now and then one that is late.
    request.sequence = Below(20) == 0 ? pod.sequence : ++pod.sequence;
    request.cap = cap_ + (Below(10) == 0 ? Below(5) : 0);
    request.overflow_above = request.cap - Below(request.cap);
    request.lease_us = kLeaseUs;
    request.last_token = pod.token;
    request.leave = Below(30) == 0;
    if (request.leave) return request;
    if (now_us_ >= pod.lapses_us) pod.slots = 0;
    request.held = Below(3) == 0 ? Below(pod.slots + 1) : pod.slots;
    request.need = Below(4) == 0 ? 0 : Below(2 * cap_);
    request.want = request.need + Below(5);
    const uint32_t waiting = Below(3) == 0 ? Below(6) : 0;
    for (uint32_t i = 0; i < waiting; ++i) {
      request.waited_us.push_back(Below(2'000'000));
    }
    std::sort(request.waited_us.rbegin(), request.waited_us.rend());
    return request;
  }

  std::vector<std::string> Mail() {
    std::vector<std::string> called;
    const Reply mail = redis_.cli().Ask({"LRANGE", "mail", "0", "-1"});
    for (const Reply& name : mail.elements) {
      const std::string end = PoolLayout::MailEnd(kPool);
      called.push_back(name.text.substr(
          layout_.mail_begin().size(),
          name.text.size() - layout_.mail_begin().size() - end.size()));
    }
    redis_.cli().Ask({"DEL", "mail"});
    return called;
  }

  // The same request to both, and the same answer from both.
  void Exchange(Pod& pod) {
    const PoolRequest request = NextRequest(pod);
    std::vector<std::string> called;
    const absl::StatusOr<PoolReply> expected =
        ledger_.Exchange(request, now_us_, &called);
    redis_.Set(now_us_);
    const absl::StatusOr<ExchangeAnswer> actual = ParseExchange(redis_.Run(
        PoolExchangeScript(),
        ExchangeCall(request,
                     {prefix_, layout_, Command::kAnySlot, epoch_, birth_})));
    ASSERT_EQ(expected.status().code(), actual.status().code());
    EXPECT_THAT(Mail(), ::testing::UnorderedElementsAreArray(called));
    if (!expected.ok()) return;
    Compare(*expected, actual->reply);
    birth_ = actual->birth;
    pod.slots = expected->slots;
    pod.lapses_us = now_us_ + kLeaseUs;
    pod.token = expected->fence;
  }

  static void Compare(const PoolReply& want, const PoolReply& got) {
    EXPECT_EQ(want.slots, got.slots);
    EXPECT_EQ(want.overflow, got.overflow);
    EXPECT_EQ(want.squeezed, got.squeezed);
    EXPECT_EQ(want.target, got.target);
    EXPECT_EQ(want.one_by_one, got.one_by_one);
    EXPECT_EQ(want.learning_for_us, got.learning_for_us);
    EXPECT_EQ(want.fence, got.fence);
    EXPECT_EQ(want.fleet_slots, got.fleet_slots);
    EXPECT_EQ(want.fleet_need, got.fleet_need);
    EXPECT_EQ(want.pods, got.pods);
  }

  RedisServer server_;
  ScriptedTime redis_{server_.address()};
  const std::string prefix_ = "test";
  const PoolLayout layout_{prefix_};
  Epoch epoch_;
  std::string birth_;
  store::PoolLedger ledger_;
  std::mt19937_64 random_{static_cast<uint64_t>(GetParam())};
  int64_t now_us_ = 1'800'000'000'000'000;
  uint32_t cap_ = 30;
  std::vector<Pod> pods_;
};

TEST_P(PoolDifferentialTest, TheScriptIsTheModel) {
  constexpr int kSteps = 2000;
  for (int i = 0; i < kSteps && !HasFailure(); ++i) {
    const uint32_t kind = Below(400);
    // Most of the time little passes, so that all are within their leases.
    now_us_ += kind < 4     ? Below(12'000'000)
               : kind < 100 ? Below(2'000'000)
                            : 1 + Below(60'000);
    if (kind == 399) Forget(Below(2) == 0);
    if (kind == 398) cap_ = 1 + Below(60);
    SCOPED_TRACE(i);
    // Few pods now, and many then: blocks, and one by one.
    const auto busy = static_cast<uint32_t>(2 + (i / 500) % 3 * 5);
    Exchange(pods_[Below(busy)]);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PoolDifferentialTest, ::testing::Range(1, 5));

}  // namespace
}  // namespace outrigger::redis
