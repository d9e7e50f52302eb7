// Something that happens once, and one thread that waits for it.
#ifndef OUTRIGGER_CLIENT_CORE_SIGNAL_H_
#define OUTRIGGER_CLIENT_CORE_SIGNAL_H_

#include <atomic>
#include <cstdint>

#include "core/instant.h"

namespace outrigger::client::internal {

// Thread-safe. It is a futex, because deadlines are of the monotonic clock:
// absl::Mutex waits by the wall clock, which may be set.
class Signal {
 public:
  Signal() = default;
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  // What was written before is seen by who returns from a wait. Once.
  void Notify();

  // Whether it was notified by `deadline`. By one thread at a time.
  bool WaitUntil(Instant deadline);
  void Wait() { WaitUntil(Instant::max()); }

 private:
  enum : std::uint32_t { kNone, kWaited, kNotified };
  std::atomic<std::uint32_t> state_{kNone};
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_CORE_SIGNAL_H_
