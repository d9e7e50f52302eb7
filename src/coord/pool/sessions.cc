#include "coord/pool/sessions.h"

#include <utility>

namespace outrigger::coord {

absl::StatusOr<Pools::Session> Sessions::Open(Pools::Lost lost) {
  auto state = std::make_shared<State>();
  {
    absl::MutexLock telling(&state->telling);
    state->lost = std::move(lost);
  }
  absl::MutexLock lock(&mutex_);
  if (open_.size() >= most_) {
    return absl::ResourceExhaustedError("too many Hold streams are open");
  }
  open_.emplace(++last_, std::move(state));
  return last_;
}

Sessions::Belongings Sessions::Close(Pools::Session session) {
  std::shared_ptr<State> state;
  {
    absl::MutexLock lock(&mutex_);
    const auto it = open_.find(session);
    if (it == open_.end()) return {};
    state = std::move(it->second);
    open_.erase(it);
  }
  absl::MutexLock telling(&state->telling);
  state->lost = nullptr;
  // Only found through open_, so nobody else changes these any more.
  return {{state->leases.begin(), state->leases.end()},
          {state->waits.begin(), state->waits.end()}};
}

bool Sessions::AddLease(Pools::Session session, uint64_t lease_id) {
  absl::MutexLock lock(&mutex_);
  const auto it = open_.find(session);
  if (it == open_.end()) return false;
  it->second->leases.insert(lease_id);
  return true;
}

bool Sessions::AddWait(Pools::Session session, Pools::Ticket ticket) {
  absl::MutexLock lock(&mutex_);
  const auto it = open_.find(session);
  if (it == open_.end()) return false;
  it->second->waits.insert(ticket);
  return true;
}

void Sessions::RemoveLease(Pools::Session session, uint64_t lease_id) {
  absl::MutexLock lock(&mutex_);
  const auto it = open_.find(session);
  if (it != open_.end()) it->second->leases.erase(lease_id);
}

void Sessions::RemoveWait(Pools::Session session, Pools::Ticket ticket) {
  absl::MutexLock lock(&mutex_);
  const auto it = open_.find(session);
  if (it != open_.end()) it->second->waits.erase(ticket);
}

void Sessions::Lose(Pools::Session session, uint64_t lease_id) {
  std::shared_ptr<State> state;
  {
    absl::MutexLock lock(&mutex_);
    const auto it = open_.find(session);
    if (it == open_.end()) return;
    it->second->leases.erase(lease_id);
    state = it->second;
  }
  absl::MutexLock telling(&state->telling);
  if (state->lost != nullptr) state->lost(lease_id);
}

}  // namespace outrigger::coord
