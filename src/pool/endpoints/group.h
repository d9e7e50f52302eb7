// The endpoints that serve one role, and the next of them.
#ifndef OUTRIGGER_POOL_ENDPOINTS_GROUP_H_
#define OUTRIGGER_POOL_ENDPOINTS_GROUP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "pool/balance/balancer.h"
#include "pool/endpoints/endpoint.h"

namespace outrigger::pool {

// Which of them are to be used.
struct Selection {
  bool none = true;  // the rest means nothing
  bool backups = false;
  bool panic = false;
};

// Counts a role's endpoints, and says which of them are to be used.
class Census {
 public:
  void Count(const Endpoint& endpoint);
  // Those that are no backups as long as one of them is usable, then backups.
  // Fewer of them usable than `panic` of all: all but those that are
  // overloaded. None usable at all: the same, unless `panic` is 0.
  Selection Select(double panic) const;

 private:
  struct Tier {
    size_t all = 0;
    size_t usable = 0;
    size_t not_overloaded = 0;
  };
  std::array<Tier, 2> tiers_;  // the second one's are backups
};

class Group {
 public:
  // `balancer` is its own.
  Group(Role role, std::unique_ptr<Balancer> balancer)
      : role_(role), balancer_(std::move(balancer)) {}

  // By the standing of those that are live.
  void Reset(const std::vector<Endpoint*>& live, const PoolOptions& pool);

  const Selection& selection() const { return selection_; }
  // REQUIRES: !selection().none. `avoid`, which may be null, is left out of
  // account if it is all there is.
  Seat Choose(const ChoiceQuery& query, const SeatSet* avoid);
  void OnUse(Seat seat, uint32_t in_use) { balancer_->OnUse(seat, in_use); }

 private:
  bool Serves(const Endpoint& endpoint) const;

  const Role role_;
  const std::unique_ptr<Balancer> balancer_;
  Selection selection_;
  SeatSet seats_;
};

}  // namespace outrigger::pool

#endif  // OUTRIGGER_POOL_ENDPOINTS_GROUP_H_
