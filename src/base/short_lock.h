// A lock for short sections on hot paths (a shard of L1, a breaker's counts, a
// pool): a few instructions where nobody waits, which is nearly always.
// absl::Mutex costs three times as much, and a hit in L1 is little more than
// its lock.
#ifndef OUTRIGGER_BASE_SHORT_LOCK_H_
#define OUTRIGGER_BASE_SHORT_LOCK_H_

#include <atomic>
#include <cstdint>

#include "absl/base/thread_annotations.h"

namespace outrigger {

// Not recursive, and not fair. For sections that do not block.
class ABSL_LOCKABLE ShortLock {
 public:
  ShortLock() = default;
  ShortLock(const ShortLock&) = delete;
  ShortLock& operator=(const ShortLock&) = delete;

  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() {
    uint32_t state = kFree;
    if (!state_.compare_exchange_strong(state, kHeld,
                                        std::memory_order_acquire)) {
      LockContended();
    }
  }
  void Unlock() ABSL_UNLOCK_FUNCTION() {
    if (state_.exchange(kFree, std::memory_order_release) == kWaitedFor) {
      state_.notify_one();
    }
  }

 private:
  static constexpr uint32_t kFree = 0;
  static constexpr uint32_t kHeld = 1;
  static constexpr uint32_t kWaitedFor = 2;  // held, and a thread may wait

  void LockContended();

  std::atomic<uint32_t> state_ = kFree;
};

// Holds it for as long as a block runs.
class ABSL_SCOPED_LOCKABLE ShortLockHolder {
 public:
  explicit ShortLockHolder(ShortLock* lock) ABSL_EXCLUSIVE_LOCK_FUNCTION(lock)
      : lock_(*lock) {
    lock_.Lock();
  }
  ~ShortLockHolder() ABSL_UNLOCK_FUNCTION() { lock_.Unlock(); }
  ShortLockHolder(const ShortLockHolder&) = delete;
  ShortLockHolder& operator=(const ShortLockHolder&) = delete;

 private:
  ShortLock& lock_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_BASE_SHORT_LOCK_H_
