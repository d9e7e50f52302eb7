// What is under way, and the end of it.
#ifndef OUTRIGGER_CLIENT_CORE_ACTIVITIES_H_
#define OUTRIGGER_CLIENT_CORE_ACTIVITIES_H_

#include <atomic>
#include <cstdint>

namespace outrigger::client::internal {

// Thread-safe. Whoever waits may destroy it as soon as Wait returns.
class Activities {
 public:
  // Whether one may begin; if so, Leave must follow.
  [[nodiscard]] bool Enter() {
    if ((state_.fetch_add(kOne, std::memory_order_acq_rel) & kClosed) == 0) {
      return true;
    }
    Leave();
    return false;
  }

  void Leave() {
    if (state_.fetch_sub(kOne, std::memory_order_acq_rel) == kOne + kClosed) {
      state_.notify_all();
    }
  }

  bool closed() const {
    return (state_.load(std::memory_order_acquire) & kClosed) != 0;
  }

  // None begins any more.
  void Close() { state_.fetch_or(kClosed, std::memory_order_acq_rel); }

  // After Close: until none is under way.
  void Wait() {
    std::uint64_t state = state_.load(std::memory_order_acquire);
    while (state != kClosed) {
      state_.wait(state, std::memory_order_acquire);
      state = state_.load(std::memory_order_acquire);
    }
  }

 private:
  static constexpr std::uint64_t kClosed = 1;
  static constexpr std::uint64_t kOne = 2;
  std::atomic<std::uint64_t> state_{0};
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_CORE_ACTIVITIES_H_
