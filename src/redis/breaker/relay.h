// Tells the breakers' listener what the client hears.
#ifndef OUTRIGGER_REDIS_BREAKER_RELAY_H_
#define OUTRIGGER_REDIS_BREAKER_RELAY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "redis/breaker/layout.h"
#include "redis/tracking/listener.h"
#include "store/breaker_store.h"

namespace outrigger::redis {

// Turns names of keys into what they stand for. Thread-safe.
class BreakerRelay final : public TrackingListener {
 public:
  // `layout` must outlive it.
  explicit BreakerRelay(const BreakerLayout& layout) : layout_(layout) {}

  // Once; if changes are heard of by now, that is told before it returns.
  void Listen(store::BreakerListener* listener) ABSL_LOCKS_EXCLUDED(mutex_);

  void OnKeys(std::vector<std::string> keys) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void OnUntracked() override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnTracked(bool forgot) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnHeardUntil(MonotonicTime) override {}

 private:
  const BreakerLayout& layout_;

  // Held while the listener is called, so that it hears all in order. No call
  // to the store takes it, but for Listen.
  absl::Mutex mutex_;
  store::BreakerListener* listener_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool tracked_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_BREAKER_RELAY_H_
