#include "redis/tracking/tracking.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"

namespace outrigger::redis {
namespace {

constexpr Duration kCheckEvery = std::chrono::seconds(1);

}  // namespace

Tracking::Tracking(NodeContext& context, const TrackingPlan& plan,
                   Topology& topology)
    : context_(context),
      plan_(plan),
      topology_(topology),
      check_timer_(context.loop, [this] { CheckAll(); }) {
  check_timer_.Set(kCheckEvery);
}

Tracking::~Tracking() = default;

void Tracking::Update() {
  bool left = false;
  std::set<std::string> serving;
  for (Node* const node : topology_.Masters()) {
    const std::string address = ToString(node->address());
    serving.insert(address);
    Master& master = masters_[address];
    if (!node->ready()) continue;
    Follow(*node, master);
    // Whatever it was that changed, it may be sound again; and a connection
    // that is new has no answer under way.
    if (master.checking ? master.login != node->logins() : !master.sound) {
      Check(*node, master);
    }
  }
  for (auto it = masters_.begin(); it != masters_.end();) {
    if (serving.count(it->first) > 0) {
      ++it;
    } else {
      context_.loop.Discard(std::move(it->second.tracker));
      it = masters_.erase(it);
      left = true;
    }
  }
  // It may have had news that was not read yet.
  if (left && tracked_) {
    tracked_ = false;
    plan_.listener->OnUntracked();
  }
  Reconsider();
}

void Tracking::Follow(const Node& node, Master& master) {
  if (master.tracker != nullptr && master.tracker->run_id() == node.run_id()) {
    return;
  }
  context_.loop.Discard(std::move(master.tracker));
  master.sound = false;
  master.tracker =
      std::make_unique<Tracker>(context_, static_cast<TrackerOwner&>(*this),
                                node.address(), node.run_id(), plan_.prefixes);
  master.tracker->Start();
}

void Tracking::CheckAll() {
  check_timer_.Set(kCheckEvery);
  const MonotonicTime now = context_.clock.Now();
  for (Node* const node : topology_.Masters()) {
    const auto it = masters_.find(ToString(node->address()));
    if (it == masters_.end()) continue;
    Master& master = it->second;
    if (master.checking && now >= master.check_due) {
      master.sound = master.checking = false;
    }
    if (!master.checking) Check(*node, master);
    AskTime(*node);
  }
  Reconsider();
}

void Tracking::Check(Node& node, Master& master) {
  // What it says before it is heard is worth nothing afterwards.
  if (master.tracker == nullptr || !master.tracker->hears()) return;
  if (!master.checking) {
    // A little less than it says, as timers are coarse.
    master.check_due = context_.clock.Now() +
                       std::max(context_.options.timeout, kCheckEvery) * 9 / 10;
  }
  master.checking = true;
  master.check = ++checks_;
  master.login.reset();
  if (!node.ready()) return;  // asked as soon as it is
  master.login = node.logins();
  topology_.Check(
      node, [this, address = ToString(node.address()), check = master.check](
                bool sound) { OnChecked(address, check, sound); });
}

void Tracking::OnChecked(const std::string& address, uint64_t check,
                         bool sound) {
  const auto it = masters_.find(address);
  if (it == masters_.end() || it->second.check != check) return;
  it->second.checking = false;
  it->second.sound = sound;
  Reconsider();
}

void Tracking::AskTime(Node& node) {
  if (!plan_.server_time) return;
  const MonotonicTime asked = context_.clock.Now();
  node.Ask(WireOf({"TIME"}), [this, asked](const Reply& reply) {
    int64_t seconds = 0, micros = 0;
    if (!reply.IsArray() || reply.elements.size() != 2 ||
        !absl::SimpleAtoi(reply.elements[0].text, &seconds) ||
        !absl::SimpleAtoi(reply.elements[1].text, &micros)) {
      return;
    }
    plan_.listener->OnServerTime(seconds * 1'000'000 + micros, asked,
                                 context_.clock.Now());
  });
}

void Tracking::OnKeys(std::vector<std::string> keys) {
  plan_.listener->OnKeys(std::move(keys));
}

void Tracking::OnFlushed() {
  forgot_ = true;
  if (!tracked_) return;
  tracked_ = false;
  plan_.listener->OnUntracked();
  Reconsider();
}

void Tracking::OnHears(Tracker& tracker) {
  for (Node* const node : topology_.Masters()) {
    const auto it = masters_.find(ToString(node->address()));
    if (it == masters_.end() || it->second.tracker.get() != &tracker) continue;
    it->second.sound = false;
    it->second.checking = false;
    it->second.check = 0;
    if (!tracker.hears()) continue;
    Check(*node, it->second);
    AskTime(*node);
  }
  Reconsider();
}

void Tracking::OnAnswered() {
  if (!tracked_) return;
  MonotonicTime until = MonotonicTime::max();
  for (const auto& [address, master] : masters_) {
    until = std::min(until, master.tracker->heard_until());
  }
  plan_.listener->OnHeardUntil(until);
}

bool Tracking::AllHeard() const {
  return !masters_.empty() &&
         std::all_of(masters_.begin(), masters_.end(), [](const auto& entry) {
           const Master& master = entry.second;
           return master.sound && master.tracker != nullptr &&
                  master.tracker->hears();
         });
}

void Tracking::Reconsider() {
  const bool tracked = AllHeard();
  if (tracked == tracked_) return;
  tracked_ = tracked;
  if (!tracked) return plan_.listener->OnUntracked();
  std::set<std::string> run_ids;
  for (const auto& [address, master] : masters_) {
    run_ids.insert(master.tracker->run_id());
    // Its predecessor's last writes may not have come to it.
    if (run_ids_.count(master.tracker->run_id()) == 0) forgot_ = true;
  }
  if (failovers_ != topology_.failovers()) forgot_ = true;
  failovers_ = topology_.failovers();
  run_ids_ = std::move(run_ids);
  OnAnswered();
  plan_.listener->OnTracked(std::exchange(forgot_, false));
}

}  // namespace outrigger::redis
