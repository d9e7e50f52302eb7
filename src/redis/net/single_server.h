// The topology of one server: fixed, or the master that sentinels name.
#ifndef OUTRIGGER_REDIS_NET_SINGLE_SERVER_H_
#define OUTRIGGER_REDIS_NET_SINGLE_SERVER_H_

#include <functional>
#include <memory>
#include <vector>

#include "redis/net/sentinels.h"
#include "redis/net/topology.h"

namespace outrigger::redis {

class SingleServer final : public Topology {
 public:
  // References must outlive it.
  SingleServer(NodeContext& context, NodeOwner& owner);

  void Start() override { node_.Start(); }
  Node* NodeFor(const Command&) override { return &node_; }
  Node* Follow(const Redirect&, bool, Node&) override { return nullptr; }
  std::vector<Node*> Masters() const override { return {&node_}; }
  void Check(Node& master, std::function<void(bool)> done) override;
  void OnTrouble() override {}
  void Locate(
      Node& node,
      const std::function<void(absl::StatusOr<Address>)>& done) override;
  void OnStateChange(Node&) override {}
  bool Serves(const Node&, uint16_t) const override { return true; }
  bool reachable() const override { return !node_.failing(); }
  bool failing() const override { return node_.failing(); }

 private:
  NodeContext& context_;
  mutable Node node_;                     // Masters gives it away
  std::unique_ptr<Sentinels> sentinels_;  // null: standalone
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_SINGLE_SERVER_H_
