// Waits for things that other threads or processes do.
#ifndef OUTRIGGER_TESTS_SUPPORT_WAIT_FOR_H_
#define OUTRIGGER_TESTS_SUPPORT_WAIT_FOR_H_

#include <poll.h>

#include <chrono>
#include <functional>

namespace outrigger {

// How long a test waits before it gives up: far longer than anything takes, so
// that a slow machine only makes a test slow.
inline constexpr std::chrono::seconds kPatience{30};

// Looks every few milliseconds whether `condition` holds. False: not within
// kPatience.
inline bool WaitFor(const std::function<bool()>& condition) {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    poll(nullptr, 0, 2);
  }
  return true;
}

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_WAIT_FOR_H_
