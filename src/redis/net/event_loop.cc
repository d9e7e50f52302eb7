#include "redis/net/event_loop.h"

#include <event2/event.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

namespace outrigger::redis {

EventLoop::EventLoop()
    : base_(event_base_new()),
      wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      wake_event_(event_new(
          base_, wake_fd_, EV_READ | EV_PERSIST,
          [](int fd, short, void*) {
            eventfd_t count;
            eventfd_read(fd, &count);
          },
          nullptr)) {
  event_add(wake_event_, nullptr);
}

EventLoop::~EventLoop() {
  dirty_.clear();
  discarded_.clear();
  event_free(wake_event_);
  event_base_free(base_);
  close(wake_fd_);
}

void EventLoop::Run(const std::function<void()>& at_turn) {
  while (!stopping_.load(std::memory_order_acquire)) {
    event_base_loop(base_, EVLOOP_ONCE);
    at_turn();
    FlushAll();
  }
}

void EventLoop::Wake() { eventfd_write(wake_fd_, 1); }

void EventLoop::Stop() {
  stopping_.store(true, std::memory_order_release);
  Wake();
}

void EventLoop::FlushAll() {
  // A flush may break a connection, which may make others dirty: they have
  // their turn at once.
  for (size_t i = 0; i < dirty_.size(); ++i) dirty_[i]->Flush();
  dirty_.clear();
  // Destructors may discard more.
  while (!discarded_.empty()) {
    const auto doomed = std::exchange(discarded_, {});
  }
}

}  // namespace outrigger::redis
