#include "coord/breaker/watches.h"

#include <utility>

namespace outrigger::coord {

absl::StatusOr<Breakers::Ticket> BreakerWatches::Add(
    std::vector<std::string> names, Breakers::Changed changed) {
  auto watch = std::make_shared<Watch>();
  watch->names.insert(names.begin(), names.end());
  {
    absl::MutexLock lock(&watch->mutex);
    watch->changed = std::move(changed);
  }
  absl::MutexLock lock(&mutex_);
  if (watches_.size() >= most_) {
    refused_.Add();
    return absl::ResourceExhaustedError("too many watches are open");
  }
  watches_.emplace(++last_, std::move(watch));
  size_.store(watches_.size(), std::memory_order_relaxed);
  return last_;
}

void BreakerWatches::Remove(Breakers::Ticket ticket) {
  WatchPtr watch;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = watches_.find(ticket);
    if (found == watches_.end()) return;
    watch = found->second;
    watches_.erase(found);
    size_.store(watches_.size(), std::memory_order_relaxed);
  }
  absl::MutexLock lock(&watch->mutex);
  watch->removed = true;
}

void BreakerWatches::Tell(Watch& watch, const BreakerEntry& entry) {
  absl::MutexLock lock(&watch.mutex);
  // Looked at with the mutex held, so that an older state cannot come later.
  if (!watch.removed) watch.changed(entry.Watched());
}

void BreakerWatches::Tell(const BreakerEntry& entry) {
  if (size() == 0) return;
  std::vector<WatchPtr> found;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [ticket, watch] : watches_) {
      if (watch->Wants(entry.key().name)) found.push_back(watch);
    }
  }
  for (const WatchPtr& watch : found) Tell(*watch, entry);
}

void BreakerWatches::TellOne(Breakers::Ticket ticket,
                             const BreakerEntry& entry) {
  WatchPtr watch;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = watches_.find(ticket);
    if (found != watches_.end()) watch = found->second;
  }
  if (watch != nullptr && watch->Wants(entry.key().name)) Tell(*watch, entry);
}

bool BreakerWatches::IsOpen(uint64_t session) const {
  if (session == 0) return false;
  absl::MutexLock lock(&mutex_);
  return watches_.contains(session);
}

}  // namespace outrigger::coord
