// Where the master is, as Redis Sentinel knows it.
#ifndef OUTRIGGER_REDIS_NET_SENTINELS_H_
#define OUTRIGGER_REDIS_NET_SENTINELS_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "redis/net/connection.h"
#include "redis/net/login.h"
#include "redis/net/node_context.h"

namespace outrigger::redis {

// Keeps a connection to one sentinel, asks it once a second, and goes to the
// next when it does not answer: so a failover is noticed within a second even
// while the old master still answers. On the loop's thread.
class Sentinels final : private ConnectionOwner {
 public:
  // `on_master` runs with each periodic answer. `context` must outlive it.
  Sentinels(NodeContext& context,
            std::function<void(const Address&)> on_master);
  ~Sentinels() override;

  // Asks for the master; `done` runs once, later: with kUnavailable when no
  // sentinel knows it. A second call takes the place of an unanswered first,
  // whose `done` then never runs.
  void FindMaster(std::function<void(absl::StatusOr<Address>)> done);

 private:
  void OnConnected() override;
  void OnReply(std::unique_ptr<Command>, Reply) override {}
  void OnClosed(const absl::Status& why, Leftovers) override;

  void Ask();
  void OnMaster(const Reply& reply);
  // Leaves this sentinel; asks the next one, unless all have failed.
  void GiveUp(const absl::Status& why);
  void Disconnect();

  NodeContext& context_;
  const std::function<void(const Address&)> on_master_;
  std::function<void(absl::StatusOr<Address>)> waiting_;
  std::unique_ptr<Connection> connection_;
  bool logged_in_ = false;
  size_t current_ = 0;  // index of the sentinel
  size_t failed_ = 0;   // sentinels in a row since the question
  Timer poll_timer_;
  Timer answer_timer_;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_SENTINELS_H_
