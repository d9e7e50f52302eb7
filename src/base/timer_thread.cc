#include "base/timer_thread.h"

#include "absl/time/time.h"

namespace outrigger {

TimerThread::TimerThread(const Clock& clock)
    : clock_(clock), thread_([this] { Loop(); }) {}

TimerThread::~TimerThread() { Stop(); }

void TimerThread::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

Executor::TimerId TimerThread::RunAt(MonotonicTime when,
                                     absl::AnyInvocable<void()> work) {
  absl::MutexLock lock(&mutex_);
  const TimerId id = ++last_id_;
  timers_.emplace(Slot(when, id), std::move(work));
  due_.emplace(id, when);
  return id;
}

bool TimerThread::Cancel(TimerId timer) {
  absl::AnyInvocable<void()> dropped;  // destroyed after the lock is released
  absl::MutexLock lock(&mutex_);
  const auto it = due_.find(timer);
  if (it == due_.end()) return false;
  const auto slot = timers_.find(Slot(it->second, timer));
  dropped = std::move(slot->second);
  timers_.erase(slot);
  due_.erase(it);
  return true;
}

bool TimerThread::Changed() const {
  return stopping_ ||
         (!timers_.empty() && timers_.begin()->first.first < waiting_for_);
}

void TimerThread::Loop() {
  mutex_.Lock();
  while (!stopping_) {
    const MonotonicTime now = clock_.Now();
    if (timers_.empty() || timers_.begin()->first.first > now) {
      waiting_for_ =
          timers_.empty() ? MonotonicTime::max() : timers_.begin()->first.first;
      const absl::Duration wait = timers_.empty()
                                      ? absl::InfiniteDuration()
                                      : absl::FromChrono(waiting_for_ - now);
      mutex_.AwaitWithTimeout(absl::Condition(this, &TimerThread::Changed),
                              wait);
      waiting_for_ = MonotonicTime::max();
      continue;
    }
    auto node = timers_.extract(timers_.begin());
    due_.erase(node.key().second);
    mutex_.Unlock();
    node.mapped()();
    node.mapped() = nullptr;
    mutex_.Lock();
  }
  mutex_.Unlock();
}

}  // namespace outrigger
