#include "base/short_lock.h"

namespace outrigger {
namespace {

// About as long as most sections take, so that it is seldom waited for.
constexpr int kTries = 100;

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

void ShortLock::LockContended() {
  for (int i = 0; i < kTries; ++i) {
    uint32_t state = kFree;
    if (state_.load(std::memory_order_relaxed) == kFree &&
        state_.compare_exchange_strong(state, kHeld,
                                       std::memory_order_acquire)) {
      return;
    }
    Pause();
  }
  while (state_.exchange(kWaitedFor, std::memory_order_acquire) != kFree) {
    state_.wait(kWaitedFor, std::memory_order_relaxed);
  }
}

}  // namespace outrigger
