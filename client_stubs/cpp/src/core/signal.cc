#include "core/signal.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

namespace outrigger::client::internal {
namespace {

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

// Until woken, `deadline`, or for no reason. False: it was the deadline.
bool FutexWait(std::atomic<std::uint32_t>& word, std::uint32_t expected,
               Instant deadline) {
  timespec until{};
  const bool timed = deadline != Instant::max();
  if (timed) {
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
                        deadline.time_since_epoch())
                        .count();
    until.tv_sec = ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
  }
  // FUTEX_WAIT_BITSET has an absolute deadline of CLOCK_MONOTONIC.
  const long result = syscall(
      SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
      timed ? &until : nullptr, nullptr, FUTEX_BITSET_MATCH_ANY);
  return result == 0 || errno != ETIMEDOUT;
}

}  // namespace

void Signal::Notify() {
  if (state_.exchange(kNotified, std::memory_order_acq_rel) == kWaited) {
    syscall(SYS_futex, &state_, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, nullptr,
            nullptr, 0);
  }
}

bool Signal::WaitUntil(Instant deadline) {
  std::uint32_t none = kNone;
  state_.compare_exchange_strong(none, kWaited, std::memory_order_acq_rel);
  while (state_.load(std::memory_order_acquire) != kNotified) {
    if (!FutexWait(state_, kWaited, deadline)) {
      return state_.load(std::memory_order_acquire) == kNotified;
    }
  }
  return true;
}

}  // namespace outrigger::client::internal
