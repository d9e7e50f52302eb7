#include "pool/endpoints/chooser.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace outrigger::pool {
namespace {

// What counts as a middling weight on a ring: the mean, but as a power of two,
// so that an endpoint more or less hardly ever moves the others' points. Of
// what is configured, not of who is there: what DNS answers never does.
class WeightUnit {
 public:
  void Add(double weight) {
    sum_ += weight;
    ++many_;
  }
  double value() const {
    return many_ == 0 ? 1 : std::exp2(std::round(std::log2(sum_ / many_)));
  }

 private:
  double sum_ = 0;
  int many_ = 0;
};

HashRing::Member MemberOf(const Endpoint& endpoint, double unit) {
  HashRing::Member member;
  member.seat = Roster::SeatOf(endpoint.id);
  member.id = endpoint.id;
  // An address may be there twice, itself and by a DNS name.
  member.name = endpoint.options.dns + " " + endpoint.options.address;
  member.points = HashRing::PointsOf(endpoint.options.weight, unit);
  return member;
}

}  // namespace

void Chooser::OnMembers() {
  dirty_ = true;
  if (balance_ != options_.balance || zone_ != options_.zone) groups_ = {};
  balance_ = options_.balance;
  zone_ = options_.zone;
  // What else is configured shall move no shard's keys.
  WeightUnit unit_of_all;
  WeightUnit unit_of_shards;
  for (const EndpointOptions& o : options_.endpoints) {
    unit_of_all.Add(o.weight);
    if (o.role == Role::kShard) unit_of_shards.Add(o.weight);
  }
  std::vector<HashRing::Member> all;
  std::vector<HashRing::Member> shards;
  for (const Endpoint* endpoint : roster_.live()) {
    if (options_.balance == Balance::kSticky) {
      all.push_back(MemberOf(*endpoint, unit_of_all.value()));
    }
    if (endpoint->options.role == Role::kShard) {
      shards.push_back(MemberOf(*endpoint, unit_of_shards.value()));
    }
  }
  ring_.Assign(all);
  shards_.Assign(shards);
}

void Chooser::Refresh(MonotonicTime now) {
  bool changed = dirty_;
  dirty_ = false;
  refresh_at_ = MonotonicTime::max();
  for (Endpoint* endpoint : roster_.live()) {
    const Standing standing = endpoint->Assess(options_, now);
    changed = changed || !(standing == endpoint->standing);
    endpoint->standing = standing;
    refresh_at_ = std::min(refresh_at_, endpoint->NextChange(options_, now));
  }
  if (!changed) return;
  ++version_;
  Census shards;
  for (const Endpoint* endpoint : roster_.live()) {
    if (endpoint->options.role == Role::kShard) shards.Count(*endpoint);
  }
  shard_selection_ = shards.Select(options_.health.panic);
}

void Chooser::Touch(const Endpoint& endpoint, MonotonicTime now) {
  if (!(endpoint.Assess(options_, now) == endpoint.standing)) dirty_ = true;
}

Group& Chooser::GroupOf(Role role) {
  Slot& slot = groups_[static_cast<size_t>(role)];
  if (slot.group == nullptr) {
    slot.group =
        std::make_unique<Group>(role, MakeBalancer(balance_, zone_, ring_));
  }
  if (slot.version != version_) {
    slot.group->Reset(roster_.live(), options_);
    slot.version = version_;
  }
  return *slot.group;
}

Choice Chooser::Choose(const ChoiceQuery& query, MonotonicTime now) {
  if (roster_.live().empty()) return {};
  if (dirty_ || now >= refresh_at_) Refresh(now);
  if (query.role == Role::kShard) return ChooseShard(query);
  Group& group = GroupOf(query.role);
  if (group.selection().none) return {};
  if (!query.avoid.empty()) {
    avoid_.reset();
    for (const absl::string_view address : query.avoid) {
      for (const Seat seat : roster_.SeatsOf(address)) avoid_.set(seat);
    }
  }
  const Seat seat =
      group.Choose(query, query.avoid.empty() ? nullptr : &avoid_);
  return {roster_.at(seat).id, group.selection().panic};
}

// A key's data is on its shard and nowhere else: another one would be wrong.
Choice Chooser::ChooseShard(const ChoiceQuery& query) const {
  if (query.session_key.empty() || shards_.empty()) return {};
  const Endpoint& shard = roster_.at(shards_.Find(query.session_key, nullptr));
  if (shard.standing.usable) return {shard.id, false};
  const bool panic = !shard_selection_.none && shard_selection_.panic &&
                     !shard.standing.overloaded;
  return panic ? Choice{shard.id, true} : Choice{};
}

void Chooser::OnUse(const Endpoint& endpoint) {
  if (!roster_.IsLive(endpoint.id)) return;
  const Seat seat = Roster::SeatOf(endpoint.id);
  for (Slot& slot : groups_) {
    if (slot.group != nullptr) slot.group->OnUse(seat, endpoint.in_use);
  }
}

}  // namespace outrigger::pool
