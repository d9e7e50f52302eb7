#include "admin/net/loop.h"

#include <event2/event.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace outrigger::admin {

Loop::Loop()
    : base_(event_base_new()),
      stop_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      stop_event_(event_new(
          base_, stop_fd_, EV_READ,
          [](int, short, void* base) {
            event_base_loopbreak(static_cast<event_base*>(base));
          },
          base_)) {
  event_add(stop_event_, nullptr);
}

Loop::~Loop() {
  event_free(stop_event_);
  event_base_free(base_);
  close(stop_fd_);
}

void Loop::Run() { event_base_dispatch(base_); }

void Loop::Stop() { eventfd_write(stop_fd_, 1); }

Timer::Timer(Loop& loop, std::function<void()> work)
    : work_(std::move(work)),
      event_(event_new(
          loop.base(), -1, 0,
          [](int, short, void* self) { static_cast<Timer*>(self)->work_(); },
          this)) {}

Timer::~Timer() { event_free(event_); }

void Timer::Set(Duration after) {
  const int64_t micros = std::max<int64_t>(ToMicros(after), 0);
  timeval wait{};
  wait.tv_sec = static_cast<time_t>(micros / 1'000'000);
  wait.tv_usec = static_cast<suseconds_t>(micros % 1'000'000);
  event_add(event_, &wait);
}

void Timer::Stop() { event_del(event_); }

}  // namespace outrigger::admin
