// Who loads a key for this pod while the fleet's store is out of reach.
#ifndef OUTRIGGER_COORD_CACHE_LOCAL_FILLS_H_
#define OUTRIGGER_COORD_CACHE_LOCAL_FILLS_H_

#include <cstdint>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "store/cache_store.h"

namespace outrigger::coord {

// Thread-safe.
class LocalFills {
 public:
  // When there are more, they are all forgotten: then a key may be loaded
  // twice.
  static constexpr size_t kMax = 10'000;

  // A right to load until `until`; nothing if somebody has one.
  std::optional<uint64_t> Acquire(const store::CacheKey& key, MonotonicTime now,
                                  MonotonicTime until)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (fills_.size() >= kMax) fills_.clear();
    auto [fill, made] = fills_.try_emplace(key);
    if (!made && fill->second.until > now) return std::nullopt;
    fill->second = {++last_nonce_, until};
    return last_nonce_;
  }

  // False: it was given up, or given to another.
  bool Finish(const store::CacheKey& key, uint64_t nonce)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    const auto fill = fills_.find(key);
    if (fill == fills_.end() || fill->second.nonce != nonce) return false;
    fills_.erase(fill);
    return true;
  }

  void Clear() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    fills_.clear();
  }

 private:
  struct Fill {
    uint64_t nonce = 0;
    MonotonicTime until{};
  };

  absl::Mutex mutex_;
  uint64_t last_nonce_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<store::CacheKey, Fill> fills_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_LOCAL_FILLS_H_
