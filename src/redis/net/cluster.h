// The topology of a Redis Cluster: which master serves which slot.
#ifndef OUTRIGGER_REDIS_NET_CLUSTER_H_
#define OUTRIGGER_REDIS_NET_CLUSTER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "redis/net/topology.h"
#include "redis/wire/cluster_slots.h"

namespace outrigger::redis {

// Learns the slots from CLUSTER SLOTS, corrects single ones by MOVED, and asks
// again when something is amiss (at most every 200 ms), and every 10 s anyway.
// Connects to every master at once. On the loop's thread.
class Cluster final : public Topology {
 public:
  // `on_failover` runs when slots are served by a replica of the node that
  // served them before, and before any command goes to it: what it returns goes
  // first. References must outlive it.
  using OnFailover = std::function<std::vector<std::unique_ptr<Command>>(
      const std::vector<uint16_t>& slots)>;
  Cluster(NodeContext& context, NodeOwner& owner, OnFailover on_failover);

  void Start() override;
  Node* NodeFor(const Command& command) override;
  Node* Follow(const Redirect& redirect, bool remember, Node& from) override;
  std::vector<Node*> Masters() const override;
  void Check(Node& master, std::function<void(bool)> done) override;
  void OnTrouble() override;
  void Locate(
      Node& node,
      const std::function<void(absl::StatusOr<Address>)>& done) override;
  void OnStateChange(Node& node) override;
  bool Serves(const Node& node, uint16_t slot) const override;
  bool reachable() const override;
  bool failing() const override;
  uint64_t failovers() const override { return failovers_; }

 private:
  struct Member {
    std::unique_ptr<Node> node;
    std::set<std::string> replicas;  // their addresses
    bool serves = false;             // some slot, by the last that was heard
    // A slot is being moved there: until then it counts as a master, too.
    MonotonicTime imports_until{};
    bool seed = false;  // configured; kept for ever
  };

  Member& MemberAt(const Address& address);
  // Some node that can be asked about slots; null: none.
  Node* AnyReadyNode();
  void RefreshSoon();
  void Refresh();
  void OnSlots(const Reply& reply, const Address& asked);
  void Apply(const std::vector<SlotRange>& ranges);
  // Believes what a master says about the slots that are thought to be its own:
  // false: nobody serves some of them.
  bool ApplyOwn(Node& master, const std::vector<SlotRange>& ranges);
  // Gives `slot` to `owner`; true if `owner` was a replica of the former one.
  bool SetOwner(uint16_t slot, Member& owner);
  void AnnounceFailover(const std::vector<uint16_t>& slots);
  void ForgetUnused();
  bool AnyOwnerFailing() const;
  bool AllFailing(bool owners_only) const;

  NodeContext& context_;
  NodeOwner& owner_;
  const OnFailover on_failover_;
  std::map<std::string, Member> members_;
  std::vector<Member*> owners_;  // by slot; null: unknown
  bool known_ = false;           // owners_ was filled
  uint64_t failovers_ = 0;
  uint64_t refreshes_ = 0;  // names the question under way
  bool asking_ = false;
  MonotonicTime last_refresh_{};
  Timer refresh_timer_;
  Timer answer_timer_;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_CLUSTER_H_
