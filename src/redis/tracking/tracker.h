// Hears from one server which keys change.
//
// One connection that redirects to itself: the server sends what changes to the
// connection that asked for it, so nothing can be lost while that stands, and
// its loss is noticed. (With two connections RESP2 does not tell the one that
// the other is gone.)
//
//     CLIENT ID                                            -> n
//     CLIENT TRACKING ON REDIRECT n BCAST PREFIX p …
//     SUBSCRIBE __redis__:invalidate
//
// A PING every 500 ms must be answered within the client's timeout, and at
// least within 500 ms, else the connection is given up: so a server or a
// network that hangs is noticed within a second or so.
#ifndef OUTRIGGER_REDIS_TRACKING_TRACKER_H_
#define OUTRIGGER_REDIS_TRACKING_TRACKER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "redis/net/connection.h"
#include "redis/net/login.h"
#include "redis/net/node_context.h"

namespace outrigger::redis {

class Tracker;

// On the loop's thread. Must not destroy the tracker (see EventLoop::Discard).
class TrackerOwner {
 public:
  virtual ~TrackerOwner() = default;
  virtual void OnKeys(std::vector<std::string> keys) = 0;
  // All keys are gone at once, or may have changed.
  virtual void OnFlushed() = 0;
  // tracker.hears() has changed.
  virtual void OnHears(Tracker& tracker) = 0;
  // tracker.heard_until() has changed.
  virtual void OnAnswered() = 0;
};

// Connects, and again, with growing random waits (up to 1 s), when it fails; 1
// to 2 s when the server does not let it track. On the loop's thread.
class Tracker final : private ConnectionOwner {
 public:
  // Of the run `run_id` of the server at `address`, and no other. All else must
  // outlive the tracker.
  Tracker(NodeContext& context, TrackerOwner& owner, Address address,
          std::string run_id, const std::vector<std::string>& prefixes);
  ~Tracker() override;

  void Start() { Attempt(); }

  // All changes since this became true have been told, or will be.
  bool hears() const { return hears_; }
  const std::string& run_id() const { return run_id_; }
  // If this thread ran, it would know by then that it does not hear any more.
  MonotonicTime heard_until() const { return heard_until_; }

 private:
  void OnConnected() override;
  void OnReply(std::unique_ptr<Command>, Reply) override {}
  void OnMessage(Reply body) override;
  void OnClosed(const absl::Status& why, Leftovers) override;

  void Attempt();
  void OnLoggedIn(const absl::StatusOr<ServerInfo>& server);
  void OnId(const Reply& reply);
  void OnSubscribed(const Reply& reply);
  void Ping();
  void Answered(MonotonicTime asked);
  Duration AnswerTimeout() const;
  void Fail(const absl::Status& why);
  void Refused(const Reply& reply);
  void Disconnect();
  void SetHears(bool hears);

  NodeContext& context_;
  TrackerOwner& owner_;
  const Address address_;
  const std::string run_id_;
  const std::vector<std::string>& prefixes_;
  std::unique_ptr<Connection> connection_;
  bool hears_ = false;
  MonotonicTime heard_until_{};
  bool pinging_ = false;   // a PING has no answer yet
  uint32_t failures_ = 0;  // in a row
  Timer attempt_timer_;
  Timer retry_timer_;
  Timer ping_timer_;
  Timer answer_timer_;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_TRACKING_TRACKER_H_
