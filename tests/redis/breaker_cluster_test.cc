// The breaker store over a real Redis Cluster: every slot, resharding.
// Failover: breaker_pool_failover_test.cc.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "redis/breaker_pod.h"
#include "redis/wire/slot.h"

namespace outrigger::redis {
namespace {

using store::BreakerKey;

class BreakerClusterTest : public ::testing::Test {
 protected:
  static std::unique_ptr<BreakerPod> NewPod(const RedisCluster& cluster) {
    auto pod = std::make_unique<BreakerPod>(PodOptions(cluster));
    EXPECT_TRUE(pod->Hears());
    return pod;
  }

  static BreakerKey Key(int i) { return {"payments", "m" + std::to_string(i)}; }

  uint16_t SlotOf(const BreakerKey& key) const {
    return KeySlot(layout_.Record(key));
  }
  // Its index, as long as no slot has moved.
  size_t MasterOf(const BreakerKey& key) const {
    return 3 * static_cast<size_t>(SlotOf(key)) / kSlots;
  }

  const BreakerLayout layout_{"outrigger"};
};

TEST_F(BreakerClusterTest, AllThatBelongsToABreakerSharesASlot) {
  for (const std::string& method :
       {std::string(), std::string("}"), std::string("{a}"),
        std::string(256, '{'), std::string("\0", 1)}) {
    const BreakerKey key{"pay/ments", method};
    EXPECT_EQ(KeySlot(layout_.Record(key)), KeySlot(layout_.Snapshots(key)));
    EXPECT_EQ(KeySlot(layout_.Record(key)), KeySlot(layout_.Expiries(key)));
    EXPECT_EQ(layout_.Parse(layout_.Record(key)), key);
  }
}

TEST_F(BreakerClusterTest, EverySlotIsServedAndHeardWhereverItMoves) {
  RedisCluster cluster(3, 0);
  auto writer = NewPod(cluster), reader = NewPod(cluster);
  for (int i = 0; i < 30; ++i) {
    const BreakerKey key = Key(i);
    const auto first = writer->call.Swap(key, 0, "open");
    ASSERT_EQ(first.status(), absl::OkStatus());
    EXPECT_TRUE(reader->HearsOf(key));
    EXPECT_EQ(reader->call.Report(key, "pod", {1, 1, 0})->record,
              first->record);
    if (i >= 6) continue;
    reader->heard.Clear();
    cluster.MoveSlot(SlotOf(key), MasterOf(key), (MasterOf(key) + 1) % 3);
    const auto second = writer->call.Swap(key, first->record.revision, "half");
    ASSERT_EQ(second.status(), absl::OkStatus());
    EXPECT_TRUE(second->swapped);
    EXPECT_TRUE(reader->HearsOf(key));
    EXPECT_EQ(reader->call.Read(key)->evidence.reporters, 1u);
  }
  EXPECT_TRUE(reader->Hears());
}

}  // namespace
}  // namespace outrigger::redis
