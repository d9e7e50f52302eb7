#include "pool/endpoints/group.h"

#include "absl/container/flat_hash_set.h"
#include "pool/endpoints/roster.h"

namespace outrigger::pool {

void Census::Count(const Endpoint& endpoint) {
  Tier& tier = tiers_[endpoint.options.backup ? 1 : 0];
  ++tier.all;
  if (endpoint.standing.usable) ++tier.usable;
  if (!endpoint.standing.overloaded) ++tier.not_overloaded;
}

Selection Census::Select(double panic) const {
  for (const bool backups : {false, true}) {
    const Tier& tier = tiers_[backups ? 1 : 0];
    if (tier.usable == 0) continue;
    const bool few = static_cast<double>(tier.usable) <
                     panic * static_cast<double>(tier.all);
    // If the rest is overloaded, there is nothing that panic would add.
    return {false, backups, few && tier.not_overloaded > tier.usable};
  }
  for (const bool backups : {false, true}) {
    if (panic > 0 && tiers_[backups ? 1 : 0].not_overloaded > 0) {
      return {false, backups, true};
    }
  }
  return {};
}

bool Group::Serves(const Endpoint& endpoint) const {
  return role_ == Role::kAny || endpoint.options.role == Role::kAny ||
         endpoint.options.role == role_;
}

void Group::Reset(const std::vector<Endpoint*>& live, const PoolOptions& pool) {
  Census census;
  for (const Endpoint* endpoint : live) {
    if (Serves(*endpoint)) census.Count(*endpoint);
  }
  selection_ = census.Select(pool.health.panic);
  seats_.reset();
  if (selection_.none) return;
  const bool by_zone = pool.balance == Balance::kZoneAware;
  absl::flat_hash_set<absl::string_view> zones;
  std::vector<Candidate> candidates;
  for (const Endpoint* endpoint : live) {
    const EndpointOptions& options = endpoint->options;
    if (!Serves(*endpoint) || options.backup != selection_.backups) continue;
    if (by_zone && !options.zone.empty()) zones.insert(options.zone);
    const Standing& standing = endpoint->standing;
    if (selection_.panic ? standing.overloaded : !standing.usable) continue;
    Candidate candidate;
    candidate.seat = Roster::SeatOf(endpoint->id);
    candidate.id = endpoint->id;
    candidate.weight =
        standing.ramp *
        (pool.balance == Balance::kRoundRobin ? 1 : options.weight);
    candidate.in_use = endpoint->in_use;
    candidate.zone = options.zone;
    candidates.push_back(candidate);
    seats_.set(candidate.seat);
  }
  const std::vector<absl::string_view> names(zones.begin(), zones.end());
  balancer_->Reset({candidates, names, selection_.panic});
}

Seat Group::Choose(const ChoiceQuery& query, const SeatSet* avoid) {
  Question question;
  question.session_key = query.session_key;
  question.random = query.random;
  if (avoid != nullptr && (seats_ & ~*avoid).any()) question.avoid = avoid;
  return balancer_->Choose(question);
}

}  // namespace outrigger::pool
