#include "core/loop.h"

#include <grpc/support/time.h>

namespace outrigger::client::internal {
namespace {

gpr_timespec ToGpr(Instant when) {
  if (when == Instant::max()) return gpr_inf_future(GPR_CLOCK_MONOTONIC);
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
                      when.time_since_epoch())
                      .count();
  gpr_timespec time = gpr_time_0(GPR_CLOCK_MONOTONIC);
  time.tv_sec = ns / 1000000000;
  time.tv_nsec = static_cast<std::int32_t>(ns % 1000000000);
  return time;
}

thread_local bool is_loop = false;

}  // namespace

Loop::Loop() : thread_([this] { Run(); }) {}

Loop::~Loop() {
  queue_.Shutdown();
  thread_.join();
}

Loop::TimerId Loop::At(Instant when, absl::AnyInvocable<void()> work) {
  absl::MutexLock lock(&mutex_);
  const TimerId id = ++last_id_;
  timers_.emplace(Key(when, id), std::move(work));
  times_.emplace(id, when);
  if (when < wake_at_ && !waking_) {
    waking_ = true;
    alarm_.Set(&queue_, gpr_time_0(GPR_CLOCK_MONOTONIC), &woken_);
  }
  return id;
}

bool Loop::Cancel(TimerId timer) {
  absl::AnyInvocable<void()> work;  // destroyed without the lock
  absl::MutexLock lock(&mutex_);
  const auto time = times_.find(timer);
  if (time == times_.end()) return false;
  const auto found = timers_.find(Key(time->second, timer));
  work = std::move(found->second);
  timers_.erase(found);
  times_.erase(time);
  return true;
}

bool Loop::IsAnyThisThread() { return is_loop; }

void Loop::Run() {
  is_loop = true;
  for (;;) {
    void* tag = nullptr;
    bool ok = false;
    switch (queue_.AsyncNext(&tag, &ok, ToGpr(NextWake()))) {
      case grpc::CompletionQueue::SHUTDOWN:
        return;
      case grpc::CompletionQueue::GOT_EVENT:
        static_cast<Event*>(tag)->Happened(ok);
        break;
      case grpc::CompletionQueue::TIMEOUT:
        break;
    }
    RunDueTimers();
  }
}

Instant Loop::NextWake() {
  absl::MutexLock lock(&mutex_);
  const Instant earliest =
      timers_.empty() ? Instant::max() : timers_.begin()->first.first;
  // Most timers are cancelled. Waking up for one of them now and then costs
  // less than being woken for the next one each time.
  if (earliest < wake_at_ || wake_at_ <= Now()) wake_at_ = earliest;
  return wake_at_;
}

void Loop::RunDueTimers() {
  const Instant now = Now();
  for (;;) {
    absl::AnyInvocable<void()> work;
    {
      absl::MutexLock lock(&mutex_);
      if (timers_.empty() || timers_.begin()->first.first > now) return;
      work = std::move(timers_.begin()->second);
      times_.erase(timers_.begin()->first.second);
      timers_.erase(timers_.begin());
    }
    work();
  }
}

void Loop::Woken(bool) {
  absl::MutexLock lock(&mutex_);
  waking_ = false;
}

}  // namespace outrigger::client::internal
