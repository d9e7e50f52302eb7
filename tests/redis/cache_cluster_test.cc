// The cache store over a real Redis Cluster: every slot, resharding, failover.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "redis/cache/layout.h"
#include "redis/cache_pod.h"
#include "redis/limits/layout.h"
#include "redis/wire/slot.h"

namespace outrigger::redis {
namespace {

using store::CacheKey;
using Kind = store::AcquireReply::Kind;

class CacheClusterTest : public ::testing::Test {
 protected:
  static std::unique_ptr<CachePod> NewPod(const RedisCluster& cluster) {
    auto pod = std::make_unique<CachePod>(PodOptions(cluster));
    EXPECT_TRUE(pod->Verified());
    return pod;
  }

  static CacheKey Key(int i) { return {"ns", "k" + std::to_string(i)}; }

  uint16_t SlotOf(const CacheKey& key) const {
    return KeySlot(layout_.Record(key));
  }
  // Its index, as long as no slot has moved.
  size_t MasterOf(const CacheKey& key) const {
    return 3 * static_cast<size_t>(SlotOf(key)) / kSlots;
  }

  static bool Knows(RedisServer& node, const std::string& id) {
    return node.Ask({"CLUSTER", "NODES"}).text.find(id) != std::string::npos;
  }

  // The arguments of a cluster's node that has no slots.
  static std::vector<std::string> NewNode() {
    return {"--cluster-enabled", "yes", "--cluster-port",
            std::to_string(FreePort())};
  }

  // Brings the node into the cluster; its id.
  static std::string Meet(RedisCluster& cluster, RedisServer& node) {
    const std::string bus =
        node.Ask({"CONFIG", "GET", "cluster-port"}).elements[1].text;
    cluster.node(0).Ask(
        {"CLUSTER", "MEET", "127.0.0.1", std::to_string(node.port()), bus});
    const std::string id = node.Ask({"CLUSTER", "MYID"}).text;
    for (size_t i = 0; i < cluster.size(); ++i) {
      const std::string other = cluster.IdOf(i);
      EXPECT_TRUE(WaitFor(
          [&] { return Knows(cluster.node(i), id) && Knows(node, other); }));
    }
    return id;
  }

  CacheLayout layout_{"outrigger"};
};

TEST_F(CacheClusterTest, AllThatBelongsToAKeyOrNamespaceSharesASlot) {
  for (const std::string& name :
       {std::string("a"), std::string("a}b"), std::string("}"),
        std::string("{x}"), std::string("{"), std::string(1024, 'z')}) {
    const CacheKey key{"ns", name};
    EXPECT_EQ(KeySlot(layout_.Record(key)), KeySlot(layout_.Lease(key)));
    EXPECT_EQ(KeySlot(layout_.Marks("ns")),
              KeySlot(layout_.Tag("ns", "tag " + name)));
  }
  EXPECT_EQ(KeySlot(layout_.Marks("ns")), KeySlot(layout_.Globs("ns")));
}

TEST_F(CacheClusterTest, NoLimitsBucketIsTracked) {
  const store::BucketRef window = [] {
    store::BucketRef bucket;
    bucket.key = "per_user:42";
    bucket.shape.algorithm = limit::Algorithm::kSlidingWindow;
    bucket.shape.tokens = bucket.shape.burst = 1e6;
    return bucket;
  }();
  const std::string name = BucketKey("outrigger", window);
  for (const std::string& prefix : layout_.TrackedPrefixes()) {
    EXPECT_NE(name.substr(0, prefix.size()), prefix);
  }
}

TEST_F(CacheClusterTest, EverySlotIsServedAndHeard) {
  RedisCluster cluster(3, 0);
  auto writer = NewPod(cluster), reader = NewPod(cluster);
  for (int i = 0; i < 60; ++i) {
    const CacheKey key = Key(i);
    const auto lease = writer->call.Acquire(key, 1);
    ASSERT_EQ(lease.status(), absl::OkStatus());
    ASSERT_TRUE(writer->call.Commit(key, "value", lease->token)->stored);
    EXPECT_TRUE(WaitFor([&] { return reader->heard.Changed(key); }));
    const std::string ns = "ns" + std::to_string(i);
    ASSERT_TRUE(writer->call.AddMarks(ns, {"a", "b"}, {"c"}).ok());
    EXPECT_TRUE(WaitFor([&] { return reader->heard.Marked(ns); }));
    EXPECT_EQ(reader->call.ReadTags(ns, {"a", "b"})->size(), 2u);
    EXPECT_EQ(reader->call.ReadMarks(ns)->tags.size(), 2u);
  }
  EXPECT_EQ(reader->heard.losses(), 0);
}

TEST_F(CacheClusterTest, ReshardingUnderLoadLosesNothing) {
  RedisCluster cluster(3, 0);
  auto writer = NewPod(cluster), reader = NewPod(cluster);
  std::vector<CacheKey> keys;
  for (int i = 0; i < 6; ++i) keys.push_back(Key(i));
  std::atomic<bool> stop{false};
  std::atomic<int> writes{0};
  std::thread load([&] {
    std::vector<uint64_t> last(keys.size());
    for (size_t i = 0; !stop; i = (i + 1) % keys.size()) {
      const auto reply = writer->call.Write(keys[i], "value");
      if (!reply.ok() || reply->version <= last[i]) {
        ADD_FAILURE() << reply.status();
        continue;
      }
      last[i] = reply->version;
      ++writes;
    }
  });
  for (const CacheKey& key : keys) {
    cluster.MoveSlot(SlotOf(key), MasterOf(key), (MasterOf(key) + 1) % 3);
  }
  stop = true;
  load.join();
  EXPECT_GT(writes, 0);
  // What is written where the slots are now is heard of.
  for (const CacheKey& key : keys) {
    reader->heard.Clear();
    ASSERT_TRUE(writer->call.Write(key, "last").ok());
    EXPECT_TRUE(WaitFor([&] { return reader->heard.Changed(key); }));
    EXPECT_EQ(cache::DecodeRecord(*reader->call.Read(key))->value, "last");
  }
  EXPECT_TRUE(reader->Verified());
}

TEST_F(CacheClusterTest, AMasterThatGetsItsFirstSlotIsAGapUntilItIsHeard) {
  RedisCluster cluster(3, 0);
  const CacheKey key = Key(0);
  auto reader = NewPod(cluster);
  RedisServer fourth(NewNode());
  const std::string id = Meet(cluster, fourth);
  // Nobody asks for anything: the reader must find out by itself.
  const int losses = reader->heard.losses();
  const std::string slot = std::to_string(SlotOf(key));
  RedisServer& former = cluster.node(MasterOf(key));
  const std::string former_id = cluster.IdOf(MasterOf(key));
  const auto set_slot = [&](RedisServer& node, const std::string& to,
                            const std::string& whose) {
    const Reply reply = node.Ask({"CLUSTER", "SETSLOT", slot, to, whose});
    EXPECT_TRUE(reply.IsStatus("OK")) << reply.text;
  };
  set_slot(fourth, "IMPORTING", former_id);
  set_slot(former, "MIGRATING", id);
  set_slot(fourth, "NODE", id);
  set_slot(former, "NODE", id);
  EXPECT_TRUE(WaitFor([&] { return reader->heard.losses() > losses; }));
  EXPECT_TRUE(reader->Verified());
  // A new node serves only after a while.
  ASSERT_TRUE(WaitFor([&] {
    return fourth.Ask({"SET", layout_.Record(key), "x"}).IsStatus("OK");
  }));
  EXPECT_TRUE(WaitFor([&] { return reader->heard.Changed(key); }));
}

// While a slot is on its way to a node that serves none yet, that node answers
// for it, by ASK; so it must be heard, too.
TEST_F(CacheClusterTest, AnImportingNodeIsHeardBeforeItServes) {
  RedisCluster cluster(3, 0);
  const CacheKey key = Key(0);
  auto reader = NewPod(cluster);
  RedisServer fourth(NewNode());
  const std::string id = Meet(cluster, fourth);
  // A node does not learn who has a slot that it imports: it must know before.
  ASSERT_TRUE(WaitFor([&] {
    return fourth.Ask({"CLUSTER", "INFO"}).text.find("cluster_state:ok") !=
           std::string::npos;
  }));
  const int losses = reader->heard.losses();
  const std::string slot = std::to_string(SlotOf(key));
  RedisServer& former = cluster.node(MasterOf(key));
  EXPECT_TRUE(fourth
                  .Ask({"CLUSTER", "SETSLOT", slot, "IMPORTING",
                        cluster.IdOf(MasterOf(key))})
                  .IsStatus("OK"));
  EXPECT_TRUE(
      former.Ask({"CLUSTER", "SETSLOT", slot, "MIGRATING", id}).IsStatus("OK"));
  // The key is not at its owner, which says ASK.
  ASSERT_TRUE(reader->heard.verified());
  ASSERT_TRUE(WaitFor([&] { return reader->call.Read(key).ok(); }));
  EXPECT_TRUE(WaitFor([&] { return reader->heard.losses() > losses; }));
  EXPECT_TRUE(WaitFor([&] { return reader->heard.verified(); }));
}

TEST_F(CacheClusterTest, AFailoverIsAGapInWhichWritesMayBeLost) {
  RedisCluster cluster(3, 1);
  auto pod = NewPod(cluster);
  CacheKey lost = Key(0), kept = Key(0);
  for (int i = 0; MasterOf(lost) != 0; ++i) lost = Key(i);
  for (int i = 0; MasterOf(kept) != 1; ++i) kept = Key(i);
  ASSERT_TRUE(pod->call.Write(kept, "kept").ok());
  const auto before = pod->call.Write(lost, "lost");
  ASSERT_TRUE(before.ok());
  const auto failed_over = [&](int losses) {
    EXPECT_TRUE(WaitFor([&] {
      return pod->heard.losses() > losses && pod->heard.verified() &&
             pod->heard.forgot();
    }));
    pod->heard.Clear();
    absl::StatusOr<store::WriteReply> after;
    EXPECT_TRUE(WaitFor([&] {
      after = pod->call.Write(lost, "new");
      return after.ok();
    }));
    EXPECT_GT(after->version, before->version);
    EXPECT_TRUE(WaitFor([&] { return pod->heard.Changed(lost); }));
    EXPECT_EQ(cache::DecodeRecord(*pod->call.Read(kept))->value, "kept");
  };
  // The first replica is the first master's. The old master lives, and nobody
  // asks it for anything: it must be found out.
  pod->heard.Clear();
  int losses = pod->heard.losses();
  ASSERT_TRUE(cluster.node(3).Ask({"CLUSTER", "FAILOVER"}).IsStatus("OK"));
  failed_over(losses);
  // It is the new one's replica by and by, and takes over when that dies.
  ASSERT_TRUE(WaitFor([&] {
    return cluster.node(0)
               .Ask({"INFO", "replication"})
               .text.find("master_link_status:up") != std::string::npos;
  }));
  losses = pod->heard.losses();
  cluster.node(3).Kill();
  failed_over(losses);
}

}  // namespace
}  // namespace outrigger::redis
