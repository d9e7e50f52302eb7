// Records what a breaker store tells of.
#ifndef OUTRIGGER_TESTS_SUPPORT_HEARD_BREAKERS_H_
#define OUTRIGGER_TESTS_SUPPORT_HEARD_BREAKERS_H_

#include <map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "store/breaker_store.h"

namespace outrigger {

// Thread-safe.
class HeardBreakers final : public store::BreakerListener {
 public:
  void OnChanged(const std::vector<store::BreakerKey>& keys) override
      ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    for (const store::BreakerKey& key : keys) ++changes_[key];
  }
  void OnUnheard() override ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    hears_ = false;
    ++unheard_;
  }
  void OnHeard() override ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    hears_ = true;
    ++heard_;
  }

  // Changes of `key` since Clear.
  int changes(const store::BreakerKey& key) const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    const auto it = changes_.find(key);
    return it == changes_.end() ? 0 : it->second;
  }
  // How many keys changed since Clear.
  size_t keys() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return changes_.size();
  }
  bool hears() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return hears_;
  }
  // How often it began to hear, and ceased to.
  int heard() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return heard_;
  }
  int unheard() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return unheard_;
  }
  void Clear() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    changes_.clear();
  }

 private:
  mutable absl::Mutex mutex_;
  std::map<store::BreakerKey, int> changes_ ABSL_GUARDED_BY(mutex_);
  bool hears_ ABSL_GUARDED_BY(mutex_) = false;
  int heard_ ABSL_GUARDED_BY(mutex_) = 0;
  int unheard_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_HEARD_BREAKERS_H_
