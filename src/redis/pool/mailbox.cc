#include "redis/pool/mailbox.h"

#include <optional>
#include <set>
#include <utility>

namespace outrigger::redis {

Mailbox::Mailbox(const PoolLayout& layout, std::string pod)
    : layout_(layout), pod_(std::move(pod)) {}

void Mailbox::Listen(store::PoolListener* listener) {
  absl::MutexLock lock(&mutex_);
  listener_ = listener;
  if (tracked_) listener_->OnBack();
}

void Mailbox::OnKeys(std::vector<std::string> keys) {
  std::set<std::string> pools;
  for (const std::string& key : keys) {
    std::optional<std::string> pool = layout_.ParseMail(pod_, key);
    if (pool.has_value()) pools.insert(*std::move(pool));
  }
  absl::MutexLock lock(&mutex_);
  if (listener_ == nullptr || pools.empty()) return;
  listener_->OnCalled(std::vector<std::string>(pools.begin(), pools.end()));
}

void Mailbox::OnUntracked() {
  absl::MutexLock lock(&mutex_);
  tracked_ = false;
}

void Mailbox::OnTracked(bool) {
  absl::MutexLock lock(&mutex_);
  tracked_ = true;
  if (listener_ != nullptr) listener_->OnBack();
}

}  // namespace outrigger::redis
