// The lock of a shard of L1: a few instructions where nobody waits, which is
// nearly always. absl::Mutex costs three times as much, and a hit in L1 is
// little more than its lock.
#ifndef OUTRIGGER_CACHE_L1_SHARD_LOCK_H_
#define OUTRIGGER_CACHE_L1_SHARD_LOCK_H_

#include <atomic>
#include <cstdint>

#include "absl/base/thread_annotations.h"

namespace outrigger::cache {

// Not recursive, and not fair. For sections that do not block.
class ABSL_LOCKABLE ShardLock {
 public:
  ShardLock() = default;
  ShardLock(const ShardLock&) = delete;
  ShardLock& operator=(const ShardLock&) = delete;

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
class ABSL_SCOPED_LOCKABLE ShardLockHolder {
 public:
  explicit ShardLockHolder(ShardLock* lock) ABSL_EXCLUSIVE_LOCK_FUNCTION(lock)
      : lock_(*lock) {
    lock_.Lock();
  }
  ~ShardLockHolder() ABSL_UNLOCK_FUNCTION() { lock_.Unlock(); }
  ShardLockHolder(const ShardLockHolder&) = delete;
  ShardLockHolder& operator=(const ShardLockHolder&) = delete;

 private:
  ShardLock& lock_;
};

}  // namespace outrigger::cache

#endif  // OUTRIGGER_CACHE_L1_SHARD_LOCK_H_
