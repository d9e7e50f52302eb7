// The choice among those on the roster, as they stand.
#ifndef OUTRIGGER_POOL_ENDPOINTS_CHOOSER_H_
#define OUTRIGGER_POOL_ENDPOINTS_CHOOSER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "pool/balance/hash_ring.h"
#include "pool/endpoints/group.h"
#include "pool/endpoints/roster.h"

namespace outrigger::pool {

// What can be used is worked out when it has changed, at the next choice, and
// not for each.
class Chooser {
 public:
  // Both must outlive it. Call OnMembers before anything else.
  Chooser(const PoolOptions& options, const Roster& roster)
      : options_(options), roster_(roster) {}

  // The options or the roster have changed.
  void OnMembers();
  // Something happened to it that may matter.
  void Touch(const Endpoint& endpoint, MonotonicTime now);
  // Its in_use has changed.
  void OnUse(const Endpoint& endpoint);

  // As Endpoints::Choose.
  Choice Choose(const ChoiceQuery& query, MonotonicTime now);

 private:
  // A role's group, made when it is first asked for.
  struct Slot {
    std::unique_ptr<Group> group;
    uint64_t version = 0;
  };

  void Refresh(MonotonicTime now);
  Group& GroupOf(Role role);
  Choice ChooseShard(const ChoiceQuery& query) const;

  const PoolOptions& options_;
  const Roster& roster_;
  // How the groups choose.
  Balance balance_ = Balance::kLeastConnections;
  std::string zone_;
  std::array<Slot, 3> groups_;  // kAny, kPrimary, kReplica
  HashRing ring_;               // of all; only for kSticky
  HashRing shards_;             // of role kShard
  Selection shard_selection_;
  SeatSet avoid_;  // of the last question
  bool dirty_ = true;
  // When an endpoint's standing changes by itself next.
  MonotonicTime refresh_at_ = MonotonicTime::max();
  uint64_t version_ = 1;  // of the endpoints and their standing
};

}  // namespace outrigger::pool

#endif  // OUTRIGGER_POOL_ENDPOINTS_CHOOSER_H_
