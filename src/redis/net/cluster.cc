#include "redis/net/cluster.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "redis/wire/slot.h"

namespace outrigger::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kRefreshAtMost = milliseconds(200);
constexpr Duration kRefreshAnyway = seconds(10);
// After the last ASK that named it.
constexpr Duration kImportsFor = seconds(60);

}  // namespace

Cluster::Cluster(NodeContext& context, NodeOwner& owner, OnFailover on_failover)
    : context_(context),
      owner_(owner),
      on_failover_(std::move(on_failover)),
      owners_(kSlots, nullptr),
      refresh_timer_(context.loop, [this] { Refresh(); }),
      answer_timer_(context.loop, [this] {
        asking_ = false;
        RefreshSoon();
      }) {}

void Cluster::Start() {
  for (const Address& address : context_.options.addresses) {
    Member& member = MemberAt(address);
    member.seed = true;
    member.node->Start();
  }
}

Cluster::Member& Cluster::MemberAt(const Address& address) {
  Member& member = members_[ToString(address)];
  if (member.node == nullptr) {
    member.node = std::make_unique<Node>(context_, owner_, address);
  }
  return member;
}

Node* Cluster::AnyReadyNode() {
  std::vector<Node*> ready;
  for (auto& [address, member] : members_) {
    if (member.node->ready()) ready.push_back(member.node.get());
  }
  if (ready.empty()) return nullptr;
  return ready[context_.random.Next() % ready.size()];
}

Node* Cluster::NodeFor(const Command& command) {
  if (command.slot == Command::kAnySlot) return AnyReadyNode();
  Member* const owner = owners_[static_cast<size_t>(command.slot)];
  if (owner == nullptr) RefreshSoon();
  return owner == nullptr ? nullptr : owner->node.get();
}

Node* Cluster::Follow(const Redirect& redirect, bool remember, Node& from) {
  Address address = redirect.address;
  if (address.host.empty()) address.host = from.address().host;
  Member& member = MemberAt(address);
  member.node->Start();
  if (!remember) {
    // It may serve none yet, and still hold what others will change there.
    const MonotonicTime now = context_.clock.Now();
    const bool is_new = !member.serves && member.imports_until <= now;
    member.imports_until = now + kImportsFor;
    if (is_new) owner_.OnStateChange(*member.node);
  } else {
    member.serves = true;
    if (SetOwner(redirect.slot, member)) AnnounceFailover({redirect.slot});
    RefreshSoon();  // one slot seldom moves alone
    owner_.OnStateChange(*member.node);
  }
  return member.node.get();
}

std::vector<Node*> Cluster::Masters() const {
  std::vector<Node*> masters;
  if (!known_) return masters;
  for (const auto& [address, member] : members_) {
    if (member.serves || member.imports_until > context_.clock.Now()) {
      masters.push_back(member.node.get());
    }
  }
  return masters;
}

void Cluster::Check(Node& master, std::function<void(bool)> done) {
  auto sound = std::make_shared<bool>(false);
  const auto refused = [this, &master](const Reply& reply) {
    context_.held_back.Error(
        "cannot ask a master about its cluster",
        {{"address", ToString(master.address())}, {"why", reply.text}});
  };
  master.Ask(WireOf({"CLUSTER", "SLOTS"}),
             [this, &master, sound, refused](const Reply& reply) {
               if (reply.IsError()) return refused(reply);
               const auto ranges = ParseClusterSlots(reply, master.address());
               *sound = ranges.ok() && ApplyOwn(master, *ranges);
             });
  // A master that is cut off from the others keeps its slots, but not for long.
  master.Ask(WireOf({"CLUSTER", "INFO"}), [this, sound, refused,
                                           done](const Reply& reply) {
    if (reply.IsError()) refused(reply);
    const bool whole = absl::StrContains(reply.text, "cluster_state:ok");
    if (!*sound || !whole) RefreshSoon();
    done(*sound && whole);
  });
}

bool Cluster::ApplyOwn(Node& master, const std::vector<SlotRange>& ranges) {
  std::vector<Member*> told(kSlots, nullptr);
  for (const SlotRange& range : ranges) {
    Member& member = MemberAt(range.master);
    std::fill(told.begin() + range.first, told.begin() + range.last + 1,
              &member);
  }
  bool whole = true, changed = false;
  std::vector<uint16_t> failed_over;
  for (uint16_t slot = 0; slot < kSlots; ++slot) {
    if (owners_[slot] == nullptr || owners_[slot]->node.get() != &master) {
      continue;
    }
    if (told[slot] == nullptr) whole = false;
    if (told[slot] == nullptr || told[slot] == owners_[slot]) continue;
    changed = told[slot]->serves = true;
    told[slot]->node->Start();
    if (SetOwner(slot, *told[slot])) failed_over.push_back(slot);
  }
  if (!failed_over.empty()) AnnounceFailover(failed_over);
  if (changed) {
    RefreshSoon();
    owner_.OnStateChange(master);
  }
  return whole;
}

void Cluster::OnTrouble() { RefreshSoon(); }

void Cluster::Locate(Node& node,
                     const std::function<void(absl::StatusOr<Address>)>& done) {
  done(node.address());
}

void Cluster::OnStateChange(Node& node) {
  if (node.failing() || (node.ready() && !known_)) RefreshSoon();
}

bool Cluster::Serves(const Node& node, uint16_t slot) const {
  return owners_[slot] != nullptr && owners_[slot]->node.get() == &node;
}

bool Cluster::AnyOwnerFailing() const {
  return std::any_of(members_.begin(), members_.end(), [](const auto& entry) {
    return entry.second.serves && entry.second.node->failing();
  });
}

bool Cluster::AllFailing(bool owners_only) const {
  return std::all_of(members_.begin(), members_.end(), [&](const auto& entry) {
    const Member& member = entry.second;
    return (owners_only && !member.serves) || member.node->failing();
  });
}

bool Cluster::reachable() const {
  return known_ ? !AnyOwnerFailing() : !AllFailing(/*owners_only=*/false);
}

bool Cluster::failing() const { return AllFailing(/*owners_only=*/known_); }

void Cluster::RefreshSoon() {
  if (asking_) return;
  const Duration since = context_.clock.Now() - last_refresh_;
  refresh_timer_.Set(std::max(Duration::zero(), kRefreshAtMost - since));
}

void Cluster::Refresh() {
  last_refresh_ = context_.clock.Now();
  refresh_timer_.Set(kRefreshAnyway);
  Node* const node = AnyReadyNode();
  if (node == nullptr) {
    // Whoever connects first will be asked. The seeds may know a new cluster.
    for (auto& [address, member] : members_) {
      if (member.seed) member.node->Start();
    }
    return;
  }
  asking_ = true;
  answer_timer_.Set(context_.options.timeout);
  const uint64_t question = ++refreshes_;
  node->Ask(WireOf({"CLUSTER", "SLOTS"}),
            [this, question, asked = node->address()](const Reply& reply) {
              if (question == refreshes_ && asking_) OnSlots(reply, asked);
            });
}

void Cluster::OnSlots(const Reply& reply, const Address& asked) {
  asking_ = false;
  answer_timer_.Stop();
  if (reply.IsError()) {
    context_.held_back.Error(
        "cannot ask for the cluster's slots",
        {{"address", ToString(asked)}, {"why", reply.text}});
    return RefreshSoon();
  }
  const auto ranges = ParseClusterSlots(reply, asked);
  if (!ranges.ok()) {
    context_.counters.bad_replies.Add();
    return RefreshSoon();
  }
  Apply(*ranges);
  if (AnyOwnerFailing()) RefreshSoon();  // until somebody takes over
}

void Cluster::Apply(const std::vector<SlotRange>& ranges) {
  for (auto& [address, member] : members_) member.serves = false;
  std::vector<uint16_t> failed_over;
  for (const SlotRange& range : ranges) {
    Member& master = MemberAt(range.master);
    master.serves = true;
    for (uint32_t slot = range.first; slot <= range.last; ++slot) {
      if (SetOwner(static_cast<uint16_t>(slot), master)) {
        failed_over.push_back(static_cast<uint16_t>(slot));
      }
    }
  }
  for (auto& [address, member] : members_) {
    if (member.serves) member.replicas.clear();
  }
  for (const SlotRange& range : ranges) {
    Member& master = MemberAt(range.master);
    for (const Address& replica : range.replicas) {
      master.replicas.insert(ToString(replica));
    }
    master.node->Start();
  }
  known_ = true;
  if (!failed_over.empty()) AnnounceFailover(failed_over);
  ForgetUnused();
  // What can be reached may have changed.
  if (!members_.empty()) owner_.OnStateChange(*members_.begin()->second.node);
}

bool Cluster::SetOwner(uint16_t slot, Member& owner) {
  Member* const former = std::exchange(owners_[slot], &owner);
  return former != nullptr && former != &owner &&
         former->replicas.count(ToString(owner.node->address())) > 0;
}

void Cluster::AnnounceFailover(const std::vector<uint16_t>& slots) {
  ++failovers_;
  context_.log.Warning("cluster slots failed over to a replica",
                       {{"slots", std::to_string(slots.size())}});
  for (auto& command : on_failover_(slots)) {
    Member* const owner = owners_[static_cast<size_t>(command->slot)];
    owner->node->Send(std::move(command));
  }
}

void Cluster::ForgetUnused() {
  for (auto it = members_.begin(); it != members_.end();) {
    Member& member = it->second;
    const bool owner =
        std::find(owners_.begin(), owners_.end(), &member) != owners_.end();
    if (member.serves || member.seed || owner || !member.node->idle() ||
        member.imports_until > context_.clock.Now()) {
      ++it;
    } else {
      context_.loop.Discard(std::move(member.node));
      it = members_.erase(it);
    }
  }
}

}  // namespace outrigger::redis
