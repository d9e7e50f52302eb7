// Breakers' and pools' stores when a cluster's master dies.
#include <gtest/gtest.h>

#include <string>

#include "redis/breaker_pod.h"
#include "redis/pool_pod.h"
#include "redis/wire/slot.h"

namespace outrigger::redis {
namespace {

size_t MasterOf(const std::string& key) {
  return 3 * static_cast<size_t>(KeySlot(key)) / kSlots;
}

TEST(BreakerPoolFailoverTest, WritesMayBeLostSoNothingIsGiven) {
  RedisCluster cluster(3, 1);
  BreakerPod breaker(PodOptions(cluster));
  PoolPod one(PodOptions(cluster), "one"), two(PodOptions(cluster), "two");
  ASSERT_TRUE(breaker.Hears() && one.Hears() && two.Hears());
  const size_t master = MasterOf(PoolLayout("outrigger").Ledger("orders-db"));
  store::BreakerKey key{"payments", ""};  // of the same master
  const BreakerLayout layout("outrigger");
  while (MasterOf(layout.Record(key)) != master) key.method += "x";
  const auto open = breaker.call.Swap(key, 0, "open");
  ASSERT_EQ(open.status(), absl::OkStatus());
  ASSERT_EQ(one.Need(10), 10);
  ASSERT_EQ(two.Need(1), 0);

  const int heard = breaker.heard.heard(), back = two.called.back();
  cluster.node(master).Kill();
  EXPECT_TRUE(WaitFor([&] {
    return breaker.heard.heard() > heard && two.called.back() > back;
  }));
  EXPECT_GT(breaker.heard.unheard(), 0);
  const store::PoolReply reply = two.AnswerTo(10);
  EXPECT_EQ(reply.slots, 0u);
  EXPECT_GT(reply.learning_for_us, 0);
  EXPECT_EQ(one.AnswerTo(10).slots, 10u);
  EXPECT_EQ(two.Need(10), 0);

  breaker.heard.Clear();
  EXPECT_TRUE(WaitFor([&] {
    const auto read = breaker.call.Read(key);
    if (!read.ok()) return false;
    const auto half = breaker.call.Swap(
        {key, read->record.revision, open->record.revision, "half", 0});
    return half.ok() && half->swapped &&
           half->record.revision > open->record.revision;
  }));
  EXPECT_TRUE(breaker.HearsOf(key));
}

}  // namespace
}  // namespace outrigger::redis
