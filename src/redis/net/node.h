// One server and our connection to it, through good times and bad.
#ifndef OUTRIGGER_REDIS_NET_NODE_H_
#define OUTRIGGER_REDIS_NET_NODE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "redis/net/connection.h"
#include "redis/net/login.h"
#include "redis/net/node_context.h"

namespace outrigger::redis {

class Node;

// Who routes commands to nodes. On the loop's thread.
class NodeOwner {
 public:
  virtual ~NodeOwner() = default;

  // Where the node is now; asked before each try to connect. `done` runs once,
  // perhaps before this returns.
  virtual void Locate(
      Node& node, const std::function<void(absl::StatusOr<Address>)>& done) = 0;

  // Logged in. What is returned is sent, and answered, before anything else.
  virtual std::vector<std::unique_ptr<Command>> OnLogin(
      Node& node, const ServerInfo& server) = 0;

  // A reply, perhaps an error, to a command that still waits for one.
  virtual void OnReply(Node& node, std::unique_ptr<Command> command,
                       Reply reply) = 0;

  // The node's connection ended before the server can have seen the command.
  virtual void OnUnsent(Node& node, std::unique_ptr<Command> command) = 0;

  // node.failing() or node.ready() has changed.
  virtual void OnStateChange(Node& node) = 0;
};

// Connects, and again when the connection is lost: at once if it had been good,
// later with growing random waits (full jitter, 20 ms to 1 s) when it fails.
//
// When a command gets no answer in time the server is suspect: from then on
// commands fail at once, and PINGs ask whether it is back. So a server that
// hangs costs each caller at most one timeout, and being back shows within
// about 100 ms.
//
// On the loop's thread.
class Node final : private ConnectionOwner {
 public:
  // All must outlive the node.
  Node(NodeContext& context, NodeOwner& owner, Address address);
  ~Node() override;

  // Begins to connect; does nothing if it has begun.
  void Start();

  // Sends, or keeps until connected, or fails at once with kUnavailable.
  void Send(std::unique_ptr<Command> command);

  // A command that this node has got no answer in time.
  void OnDeadline();

  // Whether large values have moved since the command's time began: then it is
  // not the server that is slow. Begins its time anew.
  bool GivesMoreTime(Command& command) const;

  // The server says that it cannot serve now: suspect.
  void OnNotReady();

  // Drops the connection and looks for the server anew: it is not what it was,
  // or the login no longer holds.
  void Reconnect(const absl::Status& why);

  // A question of the router's own; false if not ready. The answer does not
  // come if the connection is lost.
  bool Ask(absl::string_view wire, Connection::Answer answer);

  bool ready() const { return state_ == State::kReady; }
  // Commands fail at once.
  bool failing() const {
    return state_ == State::kSuspect || state_ == State::kDown;
  }
  // What it is given has been sent, not kept.
  bool connected() const {
    return state_ == State::kReady || state_ == State::kSuspect;
  }
  // Nothing waits here.
  bool idle() const;
  const Address& address() const { return address_; }
  // Which run of the server was logged in to last; empty: none was.
  const std::string& run_id() const { return run_id_; }
  // How often it has logged in: answers are lost with the connection.
  uint32_t logins() const { return logins_; }

 private:
  enum class State : uint8_t {
    kConnecting,  // the first try, or the first after a good connection
    kReady,
    kSuspect,  // connected, but it does not answer
    kDown,     // not connected; trying
  };

  void OnConnected() override;
  void OnReply(std::unique_ptr<Command> command, Reply reply) override;
  void OnClosed(const absl::Status& why, Leftovers leftovers) override;

  void Attempt();
  void OnLocated(absl::StatusOr<Address> address);
  void OnLoggedIn(absl::StatusOr<ServerInfo> server);
  void OnAttemptTimeout();
  void AttemptFailed(const absl::Status& why);
  Duration RetryWait(const absl::Status& why);
  void BecomeReady();
  void BecomeSuspect();
  void BecomeDown();
  void Probe();
  void OnProbed(MonotonicTime asked, const Reply& reply);
  // Ends the connection and deals with what was under way.
  void Drop();
  void Settle(Leftovers leftovers);
  void SetState(State state);

  NodeContext& context_;
  NodeOwner& owner_;
  Address address_;
  State state_ = State::kConnecting;
  bool started_ = false;
  bool was_ready_ = false;  // since the node exists
  std::string run_id_;
  uint32_t logins_ = 0;
  uint32_t attempts_ = 0;    // names the current one
  uint32_t failures_ = 0;    // in a row
  uint32_t unanswered_ = 0;  // probes in a row
  MonotonicTime ready_since_{};
  std::unique_ptr<Connection> connection_;
  std::deque<std::unique_ptr<Command>> held_;  // until connected
  Timer attempt_timer_;
  Timer retry_timer_;
  Timer probe_timer_;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_NODE_H_
