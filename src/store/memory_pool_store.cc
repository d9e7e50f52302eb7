#include "store/memory_pool_store.h"

#include <utility>

namespace outrigger::store {

MemoryPoolStore::MemoryPoolStore(const Clock& clock)
    : clock_(clock),
      offset_us_(ToMicros(clock.WallNow().time_since_epoch()) -
                 ToMicros(clock.Now())) {}

int64_t MemoryPoolStore::NowUs() const {
  return ToMicros(clock_.Now()) + offset_us_;
}

void MemoryPoolStore::Listen(const std::string& pod, PoolListener* listener) {
  absl::MutexLock lock(&mutex_);
  listeners_[pod] = listener;
}

void MemoryPoolStore::StopListening(const std::string& pod) {
  absl::MutexLock lock(&mutex_);
  listeners_.erase(pod);
}

void MemoryPoolStore::Exchange(PoolRequest request, Done done) {
  std::vector<std::string> called;
  std::vector<PoolListener*> listeners;
  absl::StatusOr<PoolReply> reply;
  {
    absl::MutexLock lock(&mutex_);
    const auto [it, is_new] = ledgers_.try_emplace(request.pool);
    if (is_new) it->second.Forget(learning_until_us_);
    reply = it->second.Exchange(request, NowUs(), &called);
    for (const std::string& pod : called) {
      const auto listener = listeners_.find(pod);
      if (listener != listeners_.end()) listeners.push_back(listener->second);
    }
  }
  done(std::move(reply));
  for (PoolListener* listener : listeners) listener->OnCalled({request.pool});
}

void MemoryPoolStore::Forget(int64_t longest_lease_us) {
  absl::MutexLock lock(&mutex_);
  learning_until_us_ = NowUs() + longest_lease_us + kPoolLeaseMarginUs;
  for (auto& [name, ledger] : ledgers_) ledger.Forget(learning_until_us_);
}

}  // namespace outrigger::store
