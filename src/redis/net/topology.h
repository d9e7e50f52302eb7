// Which server gets which command: one server, a master that sentinels know,
// or a cluster's masters.
#ifndef OUTRIGGER_REDIS_NET_TOPOLOGY_H_
#define OUTRIGGER_REDIS_NET_TOPOLOGY_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "redis/net/node.h"
#include "redis/net/node_context.h"
#include "redis/wire/command.h"
#include "redis/wire/server_error.h"

namespace outrigger::redis {

// On the loop's thread.
class Topology {
 public:
  virtual ~Topology() = default;

  // Begins to connect.
  virtual void Start() = 0;

  // Null: not known (yet).
  virtual Node* NodeFor(const Command& command) = 0;

  // Where a MOVED (`remember`) or ASK of `from` points. Null: redirects make no
  // sense here.
  virtual Node* Follow(const Redirect& redirect, bool remember, Node& from) = 0;

  // The servers that serve now, as far as known; empty: nothing is known yet.
  virtual std::vector<Node*> Masters() const = 0;

  // Asks a master whether it is one still, and what it thinks of its slots,
  // which is remembered like a MOVED. `done` runs once: false: it must not be
  // believed; not at all if the connection is lost first. REQUIRES:
  // master.ready().
  virtual void Check(Node& master, std::function<void(bool)> done) = 0;

  // A slot could not be served: what is known may be old.
  virtual void OnTrouble() = 0;

  // As NodeOwner's.
  virtual void Locate(
      Node& node, const std::function<void(absl::StatusOr<Address>)>& done) = 0;
  virtual void OnStateChange(Node& node) = 0;

  // Whether `node` serves `slot`.
  virtual bool Serves(const Node& node, uint16_t slot) const = 0;

  // How often a replica has taken over since the start, as far as that does not
  // show by the run of a server: in a cluster it may take over and back.
  virtual uint64_t failovers() const { return 0; }

  // Every server that is needed can be asked, or is not known to be out of
  // reach.
  virtual bool reachable() const = 0;
  // No server can be asked: any command would fail at once.
  virtual bool failing() const = 0;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_TOPOLOGY_H_
