// The life of a command on the client's thread: routed, sent, answered, sent on
// elsewhere, or given up at its deadline.
#ifndef OUTRIGGER_REDIS_NET_DISPATCHER_H_
#define OUTRIGGER_REDIS_NET_DISPATCHER_H_

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "redis/net/client_hooks.h"
#include "redis/net/node.h"
#include "redis/net/node_context.h"
#include "redis/net/topology.h"
#include "redis/wire/command.h"

namespace outrigger::redis {

// On the loop's thread.
class Dispatcher final : public NodeOwner {
 public:
  // `on_change` runs when topology().reachable() or failing() may have changed.
  // `hooks` may be null. All must outlive the dispatcher.
  Dispatcher(NodeContext& context, ClientHooks* hooks,
             std::function<void()> on_change);
  ~Dispatcher() override;

  void Start();
  // Takes on a new command; its time begins now.
  void Dispatch(std::unique_ptr<Command> command);

  Topology& topology() { return *topology_; }

 private:
  void Locate(
      Node& node,
      const std::function<void(absl::StatusOr<Address>)>& done) override;
  std::vector<std::unique_ptr<Command>> OnLogin(
      Node& node, const ServerInfo& server) override;
  void OnReply(Node& node, std::unique_ptr<Command> command,
               Reply reply) override;
  void OnUnsent(Node& node, std::unique_ptr<Command> command) override;
  void OnStateChange(Node& node) override;

  void Route(std::unique_ptr<Command> command);
  void OnError(Node& node, std::unique_ptr<Command> command,
               const std::string& error);
  void Redirected(Node& from, std::unique_ptr<Command> command,
                  const std::string& error, bool moved);
  void RetryLater(std::unique_ptr<Command> command, const std::string& why);
  // Fails it, because of what Redis said; logs that, now and then.
  void Refuse(Node& node, std::unique_ptr<Command> command,
              const std::string& error, const std::string& meaning);
  void OnDeadlines();
  void OnRetries();

  NodeContext& context_;
  ClientHooks* const hooks_;
  const std::function<void()> on_change_;
  DeadlineList deadlines_;
  Timer deadline_timer_;
  std::multimap<MonotonicTime, std::unique_ptr<Command>> retries_;
  Timer retry_timer_;
  bool stopping_ = false;
  std::unique_ptr<Topology> topology_;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_DISPATCHER_H_
