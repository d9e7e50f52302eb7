// A timer of a libevent loop.
#ifndef OUTRIGGER_LOOP_TIMER_H_
#define OUTRIGGER_LOOP_TIMER_H_

#include <functional>
#include <utility>

#include "base/clock.h"

struct event;
struct event_base;

namespace outrigger {

// For the loop's thread. Destroying it stops it; not while its own work runs.
class Timer {
 public:
  // `loop` has a base(), which must outlive the timer.
  template <typename AnyLoop>
  Timer(AnyLoop& loop, std::function<void()> work)
      : Timer(loop.base(), std::move(work)) {}
  Timer(event_base* base, std::function<void()> work);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Runs the work once, after this long; up to some milliseconds early or late
  // (the loop's clock is coarse). Replaces an earlier Set.
  void Set(Duration after);
  void Stop();

 private:
  const std::function<void()> work_;
  event* const event_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_LOOP_TIMER_H_
