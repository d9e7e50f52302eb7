// Hears from all servers which keys change, and knows whether that is so.
//
// All changes are heard of while every master that serves is heard by a tracker
// of its own, and each has said within about a second that it is a master still
// and serves what is thought to be its own. So these are noticed:
//
//   a server or a link that breaks        at once
//   one that hangs                        within PING's interval and timeout
//   a master that was replaced, cut off   within two checks (2 s, or 1 s and
//   the from its cluster, or lost a slot to   client's timeout), or at the
//   first a master that is not heard yet        command that it turns away
//
// A slot that moves between two masters that are both heard is no gap: its
// changes are told by the one, then by the other.
#ifndef OUTRIGGER_REDIS_TRACKING_TRACKING_H_
#define OUTRIGGER_REDIS_TRACKING_TRACKING_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "redis/net/node_context.h"
#include "redis/net/topology.h"
#include "redis/tracking/listener.h"
#include "redis/tracking/tracker.h"

namespace outrigger::redis {

// On the loop's thread.
class Tracking final : private TrackerOwner {
 public:
  // `plan.listener` is not null. All must outlive it.
  Tracking(NodeContext& context, const TrackingPlan& plan, Topology& topology);
  ~Tracking() override;

  // Who serves, or who can be asked, may have changed.
  void Update();

 private:
  struct Master {
    std::unique_ptr<Tracker> tracker;  // null: not known well enough yet
    bool sound = false;                // by its last check
    bool checking = false;             // one has no answer yet,
    MonotonicTime check_due{};         // … and should have had by then
    uint64_t check = 0;                // names the last one,
    std::optional<uint32_t> login;     // … and where; unset: not asked yet
  };

  void OnKeys(std::vector<std::string> keys) override;
  void OnFlushed() override;
  void OnHears(Tracker& tracker) override;
  void OnAnswered() override;

  // Gives the master a tracker of its present run.
  void Follow(const Node& node, Master& master);
  void CheckAll();
  void Check(Node& node, Master& master);
  void OnChecked(const std::string& address, uint64_t check, bool sound);
  void AskTime(Node& node);
  bool AllHeard() const;
  // Tells the listener what has changed.
  void Reconsider();

  NodeContext& context_;
  const TrackingPlan& plan_;
  Topology& topology_;
  std::map<std::string, Master> masters_;  // by address
  uint64_t checks_ = 0;
  bool tracked_ = false;
  bool forgot_ = true;
  // Of the masters, when they were tracked last.
  std::set<std::string> run_ids_;
  // The topology's, then.
  uint64_t failovers_ = 0;
  Timer check_timer_;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_TRACKING_TRACKING_H_
