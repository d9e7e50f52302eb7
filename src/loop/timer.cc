#include "loop/timer.h"

#include <event2/event.h>

#include <algorithm>

namespace outrigger {

Timer::Timer(event_base* base, std::function<void()> work)
    : work_(std::move(work)),
      event_(evtimer_new(
          base,
          [](evutil_socket_t, short, void* timer) {
            static_cast<Timer*>(timer)->work_();
          },
          this)) {}

Timer::~Timer() { event_free(event_); }

void Timer::Set(Duration after) {
  const int64_t micros = std::max<int64_t>(ToMicros(after), 0);
  const timeval wait{.tv_sec = static_cast<time_t>(micros / 1'000'000),
                     .tv_usec = static_cast<suseconds_t>(micros % 1'000'000)};
  evtimer_add(event_, &wait);
}

void Timer::Stop() { evtimer_del(event_); }

}  // namespace outrigger
