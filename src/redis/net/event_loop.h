// The thread that owns every connection: libevent's loop, in turns.
//
// A turn waits for something to happen, handles all of it, then flushes each
// connection that has something to send: so what was queued meanwhile leaves in
// one write.
#ifndef OUTRIGGER_REDIS_NET_EVENT_LOOP_H_
#define OUTRIGGER_REDIS_NET_EVENT_LOOP_H_

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "loop/timer.h"

struct event;
struct event_base;

namespace outrigger::redis {

// Something that collects output during a turn.
class Flushable {
 public:
  virtual ~Flushable() = default;
  virtual void Flush() = 0;
};

// Thread-safe where it says so; all else on the thread that runs Run.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Runs turns until Stop. `at_turn` runs in each one, before the flushes.
  void Run(const std::function<void()>& at_turn);

  // Ends the wait of the current turn. Thread-safe; a few microseconds.
  void Wake();

  // Run returns after the current turn. Thread-safe.
  void Stop();

  // Flushes at the end of this turn. From then on `connection` may be destroyed
  // only by Discard, or after Run has returned.
  void FlushLater(Flushable* connection) { dirty_.push_back(connection); }

  // Destroys at the end of this turn: so an object may end its own life.
  template <typename T>
  void Discard(std::unique_ptr<T> object) {
    discarded_.emplace_back(std::move(object));
  }

  event_base* base() { return base_; }

 private:
  void FlushAll();

  event_base* const base_;
  const int wake_fd_;
  event* wake_event_;
  std::atomic<bool> stopping_{false};
  std::vector<Flushable*> dirty_;
  std::vector<std::shared_ptr<void>> discarded_;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_EVENT_LOOP_H_
