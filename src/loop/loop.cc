#include "loop/loop.h"

#include <event2/event.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

namespace outrigger {

Loop::Loop()
    : base_(event_base_new()),
      wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      wake_(event_new(
          base_, wake_fd_, EV_READ | EV_PERSIST,
          [](evutil_socket_t, short, void* loop) {
            static_cast<Loop*>(loop)->RunPosted();
          },
          this)) {
  event_add(wake_, nullptr);
}

Loop::~Loop() {
  event_free(wake_);
  {
    // What was posted may refer to the base: it goes first.
    absl::MutexLock lock(&mutex_);
    posted_.clear();
  }
  close(wake_fd_);
  event_base_free(base_);
}

void Loop::Run() { event_base_loop(base_, EVLOOP_NO_EXIT_ON_EMPTY); }

void Loop::Post(absl::AnyInvocable<void()> work) {
  {
    absl::MutexLock lock(&mutex_);
    posted_.push_back(std::move(work));
    if (posted_.size() > 1) return;  // woken already
  }
  eventfd_write(wake_fd_, 1);
}

void Loop::Stop() {
  Post([this] { event_base_loopbreak(base_); });
}

void Loop::RunPosted() {
  eventfd_t count = 0;
  eventfd_read(wake_fd_, &count);
  std::vector<absl::AnyInvocable<void()>> posted;
  {
    absl::MutexLock lock(&mutex_);
    posted.swap(posted_);
  }
  for (auto& work : posted) work();
}

}  // namespace outrigger
