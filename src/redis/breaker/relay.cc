#include "redis/breaker/relay.h"

#include <optional>
#include <utility>

namespace outrigger::redis {

void BreakerRelay::Listen(store::BreakerListener* listener) {
  absl::MutexLock lock(&mutex_);
  listener_ = listener;
  if (tracked_) listener_->OnHeard();
}

void BreakerRelay::OnKeys(std::vector<std::string> keys) {
  std::vector<store::BreakerKey> changed;
  for (const std::string& key : keys) {
    std::optional<store::BreakerKey> breaker = layout_.Parse(key);
    if (breaker.has_value()) changed.push_back(*std::move(breaker));
  }
  absl::MutexLock lock(&mutex_);
  if (listener_ != nullptr && !changed.empty()) listener_->OnChanged(changed);
}

void BreakerRelay::OnUntracked() {
  absl::MutexLock lock(&mutex_);
  tracked_ = false;
  if (listener_ != nullptr) listener_->OnUnheard();
}

void BreakerRelay::OnTracked(bool) {
  absl::MutexLock lock(&mutex_);
  tracked_ = true;
  if (listener_ != nullptr) listener_->OnHeard();
}

}  // namespace outrigger::redis
