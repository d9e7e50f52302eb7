// The pool store over a real Redis Cluster: resharding. Failover:
// breaker_pool_failover_test.cc.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "redis/pool_pod.h"
#include "redis/wire/slot.h"

namespace outrigger::redis {
namespace {

constexpr char kPool[] = "orders-db";  // PoolPod's

class PoolClusterTest : public ::testing::Test {
 protected:
  static std::unique_ptr<PoolPod> NewPod(const RedisCluster& cluster,
                                         const std::string& name) {
    auto pod = std::make_unique<PoolPod>(PodOptions(cluster), name);
    EXPECT_TRUE(pod->Hears());
    return pod;
  }

  const PoolLayout layout_{"outrigger"};
  const uint16_t slot_ = KeySlot(layout_.Ledger(kPool));
  const size_t master_ = 3 * static_cast<size_t>(slot_) / kSlots;
};

TEST_F(PoolClusterTest, AllThatBelongsToAPoolSharesASlot) {
  for (const char set : {'x', 'c', 'w', 'm', 't'}) {
    EXPECT_EQ(KeySlot(layout_.Set(kPool, set)), slot_);
  }
  for (const std::string& pod :
       {std::string("pod"), std::string("{x}"), std::string("a:{b}")}) {
    const std::string mail = layout_.Mail(pod, kPool);
    EXPECT_EQ(KeySlot(mail), slot_);
    EXPECT_EQ(layout_.ParseMail(pod, mail), kPool);
    EXPECT_FALSE(layout_.ParseMail("another", mail).has_value());
  }
}

TEST_F(PoolClusterTest, APoolIsServedAndCallsAreHeardWhereverItMoves) {
  RedisCluster cluster(3, 0);
  auto one = NewPod(cluster, "one"), two = NewPod(cluster, "two");
  ASSERT_EQ(one->Need(10), 10);
  for (size_t i = 0; i < 3; ++i) {
    ASSERT_EQ(two->Need(5), 0);
    EXPECT_TRUE(WaitFor([&] { return one->called.calls(kPool) > 0; }));
    int before = two->called.calls(kPool);
    ASSERT_EQ(one->call.GiveBack(10)->slots, 0u);
    EXPECT_TRUE(WaitFor([&] { return two->called.calls(kPool) > before; }));
    EXPECT_EQ(two->Need(0), 0);
    cluster.MoveSlot(slot_, (master_ + i) % 3, (master_ + i + 1) % 3);
    const auto reply = one->call.Need(10);
    ASSERT_EQ(reply.status(), absl::OkStatus());
    EXPECT_EQ(reply->slots, 10u);
    EXPECT_EQ(reply->learning_for_us, 0);
  }
}

TEST_F(PoolClusterTest, WhileItsSlotMovesNothingIsDoneByHalves) {
  RedisCluster cluster(3, 0);
  auto one = NewPod(cluster, "one");
  ASSERT_EQ(one->Need(10), 10);
  Options hasty = PodOptions(cluster);
  hasty.timeout = std::chrono::milliseconds(500);
  PoolPod two(hasty, "two");
  two.AnswerTo(0);
  RedisServer& from = cluster.node(master_);
  RedisServer& to = cluster.node((master_ + 1) % 3);
  const std::string slot = std::to_string(slot_);
  to.Ask({"CLUSTER", "SETSLOT", slot, "IMPORTING", cluster.IdOf(master_)});
  from.Ask({"CLUSTER", "SETSLOT", slot, "MIGRATING",
            cluster.IdOf((master_ + 1) % 3)});
  // The second pod is in want, and would call the first.
  EXPECT_FALSE(two.call.Need(5).ok());
  from.Ask({"CLUSTER", "SETSLOT", slot, "STABLE"});
  to.Ask({"CLUSTER", "SETSLOT", slot, "STABLE"});
  const store::PoolReply reply = two.AnswerTo(5);
  EXPECT_EQ(reply.learning_for_us, 0);
  EXPECT_EQ(reply.fleet_slots, 10u);
}

}  // namespace
}  // namespace outrigger::redis
