// The admin server's thread: libevent's loop and its timers.
#ifndef OUTRIGGER_ADMIN_NET_LOOP_H_
#define OUTRIGGER_ADMIN_NET_LOOP_H_

#include <functional>

#include "base/clock.h"

struct event;
struct event_base;

namespace outrigger::admin {

// Not thread-safe, but for Stop.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Handles events until Stop.
  void Run();
  // Run returns soon, or at once if it has not begun. Thread-safe.
  void Stop();

  event_base* base() { return base_; }

 private:
  event_base* const base_;
  const int stop_fd_;
  event* const stop_event_;
};

// Destroying it stops it; not while its own work runs.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> work);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Runs the work once, after this long; replaces an earlier Set.
  void Set(Duration after);
  void Stop();

 private:
  const std::function<void()> work_;
  event* const event_;
};

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_NET_LOOP_H_
