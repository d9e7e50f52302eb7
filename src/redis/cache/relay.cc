#include "redis/cache/relay.h"

#include <optional>
#include <set>
#include <utility>

namespace outrigger::redis {

void CacheRelay::Listen(store::CacheListener* listener) {
  absl::MutexLock lock(&mutex_);
  listener_ = listener;
  if (tracked_) listener_->OnVerified(/*forgot=*/true);
}

void CacheRelay::OnKeys(std::vector<std::string> keys) {
  std::vector<store::CacheKey> changed;
  std::set<std::string> marked, journals;
  for (const std::string& key : keys) {
    std::optional<CacheLayout::Tracked> tracked = layout_.Parse(key);
    if (!tracked.has_value()) continue;
    switch (tracked->kind) {
      case CacheKind::kRecord:
        changed.push_back(std::move(tracked->key));
        break;
      case CacheKind::kMarks:
        marked.insert(std::move(tracked->key.ns));
        break;
      case CacheKind::kJournal:
        journals.insert(std::move(tracked->key.ns));
        break;
    }
  }
  absl::MutexLock lock(&mutex_);
  if (listener_ == nullptr) return;
  if (!changed.empty()) listener_->OnChanged(changed);
  for (const std::string& ns : marked) listener_->OnMarked(ns);
  for (const std::string& ns : journals) listener_->OnJournal(ns);
}

void CacheRelay::OnUntracked() {
  absl::MutexLock lock(&mutex_);
  tracked_ = false;
  if (listener_ != nullptr) listener_->OnUnverified();
}

void CacheRelay::OnTracked(bool forgot) {
  absl::MutexLock lock(&mutex_);
  tracked_ = true;
  if (listener_ != nullptr) listener_->OnVerified(forgot);
}

void CacheRelay::OnHeardUntil(MonotonicTime until) {
  heard_until_.store(until.time_since_epoch().count(),
                     std::memory_order_relaxed);
}

void CacheRelay::OnServerTime(int64_t server_us, MonotonicTime asked,
                              MonotonicTime answered) {
  store_clock_.Learn(server_us, asked, answered);
}

}  // namespace outrigger::redis
