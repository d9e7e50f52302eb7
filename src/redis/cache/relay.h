// Tells the cache's listener what the client hears.
#ifndef OUTRIGGER_REDIS_CACHE_RELAY_H_
#define OUTRIGGER_REDIS_CACHE_RELAY_H_

#include <atomic>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "redis/cache/layout.h"
#include "redis/cache/store_clock.h"
#include "redis/tracking/listener.h"
#include "store/cache_store.h"

namespace outrigger::redis {

// Turns names of keys into what they stand for. Thread-safe.
class CacheRelay final : public TrackingListener {
 public:
  // Both must outlive it.
  CacheRelay(const CacheLayout& layout, StoreClock& store_clock)
      : layout_(layout), store_clock_(store_clock) {}

  // Once; whether changes are heard of by now is told before it returns.
  void Listen(store::CacheListener* listener) ABSL_LOCKS_EXCLUDED(mutex_);

  MonotonicTime heard_until() const {
    return MonotonicTime(
        Duration(heard_until_.load(std::memory_order_relaxed)));
  }

  void OnKeys(std::vector<std::string> keys) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void OnUntracked() override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnTracked(bool forgot) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnHeardUntil(MonotonicTime until) override;
  void OnServerTime(int64_t server_us, MonotonicTime asked,
                    MonotonicTime answered) override;

 private:
  const CacheLayout& layout_;
  StoreClock& store_clock_;
  std::atomic<Duration::rep> heard_until_{0};

  // Held while the listener is called, so that it hears all in order. No call
  // to the store takes it, but for Listen.
  absl::Mutex mutex_;
  store::CacheListener* listener_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool tracked_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_CACHE_RELAY_H_
