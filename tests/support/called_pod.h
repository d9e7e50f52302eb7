// Records how often a pod was called by a pool store.
#ifndef OUTRIGGER_TESTS_SUPPORT_CALLED_POD_H_
#define OUTRIGGER_TESTS_SUPPORT_CALLED_POD_H_

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "store/pool_store.h"

namespace outrigger {

// One pod's. Thread-safe.
class CalledPod final : public store::PoolListener {
 public:
  void OnCalled(const std::vector<std::string>& pools) override
      ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    for (const std::string& pool : pools) ++calls_[pool];
  }
  void OnBack() override ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    ++back_;
  }

  int calls(const std::string& pool) const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    const auto it = calls_.find(pool);
    return it == calls_.end() ? 0 : it->second;
  }
  int back() const ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return back_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, int> calls_ ABSL_GUARDED_BY(mutex_);
  int back_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_CALLED_POD_H_
