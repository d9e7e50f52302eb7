// All that a client knows of one breaker.
#ifndef OUTRIGGER_CLIENT_BREAKER_KNOWN_BREAKER_H_
#define OUTRIGGER_CLIENT_BREAKER_KNOWN_BREAKER_H_

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "breaker/local_record.h"
#include "breaker/told_state.h"

namespace outrigger::client::internal {

// Thread-safe. What it returns is there for as long as it is.
class KnownBreaker {
 public:
  // `policy` must outlive it.
  KnownBreaker(std::string name, const BreakerPolicy& policy)
      : name_(std::move(name)), policy_(policy) {}

  const std::string& name() const { return name_; }

  // What decides for calls of `method`; null: nothing that was told.
  ToldState* StateFor(const std::string& method) {
    if (method.empty()) return &whole_;
    if (!has_methods_.load(std::memory_order_acquire)) return &whole_;
    absl::MutexLock lock(&mutex_);
    const auto found = methods_.find(method);
    return found == methods_.end() ? nullptr : found->second.get();
  }

  // Whether states of methods were ever told.
  bool has_methods() const {
    return has_methods_.load(std::memory_order_acquire);
  }

  void Tell(const breaker::v1::WatchResponse& told, Instant now) {
    if (told.method().empty()) {
      whole_.Tell(told, now);
      return;
    }
    absl::MutexLock lock(&mutex_);
    std::unique_ptr<ToldState>& state = methods_[told.method()];
    if (state == nullptr) state = std::make_unique<ToldState>();
    state->Tell(told, now);
    has_methods_.store(true, std::memory_order_release);
  }

  void Forget() {
    whole_.Forget();
    absl::MutexLock lock(&mutex_);
    for (auto& [method, state] : methods_) state->Forget();
  }

  // This process' own. Beyond 1,000 methods the rest share one.
  LocalRecord& Local(const std::string& method) {
    constexpr std::size_t kMost = 1000;
    absl::MutexLock lock(&mutex_);
    const std::string& key =
        local_.size() < kMost || local_.contains(method) ? method : name_;
    std::unique_ptr<LocalRecord>& record = local_[key];
    if (record == nullptr) record = std::make_unique<LocalRecord>(policy_);
    return *record;
  }

 private:
  const std::string name_;
  const BreakerPolicy& policy_;
  ToldState whole_;
  std::atomic<bool> has_methods_{false};
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::unique_ptr<ToldState>> methods_
      ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::unique_ptr<LocalRecord>> local_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_BREAKER_KNOWN_BREAKER_H_
