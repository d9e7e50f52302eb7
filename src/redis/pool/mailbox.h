// Tells a pod's listener what comes by mail.
#ifndef OUTRIGGER_REDIS_POOL_MAILBOX_H_
#define OUTRIGGER_REDIS_POOL_MAILBOX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "redis/pool/layout.h"
#include "redis/tracking/listener.h"
#include "store/pool_store.h"

namespace outrigger::redis {

// Thread-safe.
class Mailbox final : public TrackingListener {
 public:
  // `layout` must outlive it.
  Mailbox(const PoolLayout& layout, std::string pod);

  // Once; what came before is made up for by OnBack, before it returns.
  void Listen(store::PoolListener* listener) ABSL_LOCKS_EXCLUDED(mutex_);

  void OnKeys(std::vector<std::string> keys) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void OnUntracked() override ABSL_LOCKS_EXCLUDED(mutex_);
  // Mail may have been missed.
  void OnTracked(bool forgot) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnHeardUntil(MonotonicTime) override {}

 private:
  const PoolLayout& layout_;
  const std::string pod_;

  // Held while the listener is called. No call to the store takes it, but for
  // Listen.
  absl::Mutex mutex_;
  store::PoolListener* listener_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool tracked_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_POOL_MAILBOX_H_
