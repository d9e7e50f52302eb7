// A cache listener that keeps what it hears.
#ifndef OUTRIGGER_TESTS_SUPPORT_HEARD_CHANGES_H_
#define OUTRIGGER_TESTS_SUPPORT_HEARD_CHANGES_H_

#include <algorithm>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "store/cache_store.h"

namespace outrigger {

// Thread-safe.
class HeardChanges final : public store::CacheListener {
 public:
  void OnChanged(const std::vector<store::CacheKey>& keys) override {
    absl::MutexLock lock(&mutex_);
    changed_.insert(changed_.end(), keys.begin(), keys.end());
  }
  void OnMarked(const std::string& ns) override {
    absl::MutexLock lock(&mutex_);
    marked_.push_back(ns);
  }
  void OnJournal(const std::string& ns) override {
    absl::MutexLock lock(&mutex_);
    journals_.push_back(ns);
  }
  void OnUnverified() override {
    absl::MutexLock lock(&mutex_);
    verified_ = false;
    ++losses_;
  }
  void OnVerified(bool forgot) override {
    absl::MutexLock lock(&mutex_);
    verified_ = true;
    forgot_ = forgot_ || forgot;
  }

  bool Changed(const store::CacheKey& key) const {
    absl::MutexLock lock(&mutex_);
    return std::find(changed_.begin(), changed_.end(), key) != changed_.end();
  }
  bool Marked(const std::string& ns) const {
    absl::MutexLock lock(&mutex_);
    return std::find(marked_.begin(), marked_.end(), ns) != marked_.end();
  }
  bool JournalChanged(const std::string& ns) const {
    absl::MutexLock lock(&mutex_);
    return std::find(journals_.begin(), journals_.end(), ns) != journals_.end();
  }
  bool verified() const {
    absl::MutexLock lock(&mutex_);
    return verified_;
  }
  // Some OnVerified since the last Clear said so. Not of the last alone: a
  // former master that leaves is a gap of its own, in which nothing is lost.
  bool forgot() const {
    absl::MutexLock lock(&mutex_);
    return forgot_;
  }
  // How often OnUnverified came.
  int losses() const {
    absl::MutexLock lock(&mutex_);
    return losses_;
  }
  // Forgets what has changed and was lost so far.
  void Clear() {
    absl::MutexLock lock(&mutex_);
    changed_.clear();
    marked_.clear();
    journals_.clear();
    forgot_ = false;
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<store::CacheKey> changed_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> marked_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> journals_ ABSL_GUARDED_BY(mutex_);
  bool verified_ ABSL_GUARDED_BY(mutex_) = false;
  bool forgot_ ABSL_GUARDED_BY(mutex_) = false;
  int losses_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_HEARD_CHANGES_H_
