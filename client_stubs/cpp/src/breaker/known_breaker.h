// All that a client knows of one breaker.
#ifndef OUTRIGGER_CLIENT_BREAKER_KNOWN_BREAKER_H_
#define OUTRIGGER_CLIENT_BREAKER_KNOWN_BREAKER_H_

#include <cstddef>
#include <cstdint>
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

  // What decides for calls of `method`: its own state, or the breaker's if
  // Acquire answered the breaker's generation. Null: the sidecar must be asked.
  ToldState* StateFor(const std::string& method) {
    if (method.empty()) return &whole_;
    absl::MutexLock lock(&mutex_);
    const auto own = methods_.find(method);
    if (own != methods_.end()) return own->second.get();
    const auto learned = learned_.find(method);
    if (learned == learned_.end()) return nullptr;
    return learned->second == whole_.generation() ? &whole_ : nullptr;
  }

  // The breaker's own state, without a method.
  const ToldState* whole() const { return &whole_; }

  // The generation that Acquire answered for `method`. Beyond 1,000 methods the
  // rest are asked for each time.
  void Learn(const std::string& method, std::uint64_t generation) {
    if (method.empty()) return;
    absl::MutexLock lock(&mutex_);
    if (learned_.size() < kMostMethods || learned_.contains(method)) {
      learned_[method] = generation;
    }
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
  }

  void Forget() {
    whole_.Forget();
    absl::MutexLock lock(&mutex_);
    for (auto& [method, state] : methods_) state->Forget();
    learned_.clear();
  }

  // This process' own. Beyond 1,000 methods the rest share one.
  LocalRecord& Local(const std::string& method) {
    absl::MutexLock lock(&mutex_);
    const std::string& key =
        local_.size() < kMostMethods || local_.contains(method) ? method
                                                                : name_;
    std::unique_ptr<LocalRecord>& record = local_[key];
    if (record == nullptr) record = std::make_unique<LocalRecord>(policy_);
    return *record;
  }

 private:
  static constexpr std::size_t kMostMethods = 1000;

  const std::string name_;
  const BreakerPolicy& policy_;
  ToldState whole_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::unique_ptr<ToldState>> methods_
      ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::uint64_t> learned_
      ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::unique_ptr<LocalRecord>> local_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_BREAKER_KNOWN_BREAKER_H_
