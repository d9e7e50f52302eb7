#include "cache/workers.h"

#include <utility>

namespace outrigger::client::internal {
namespace {

thread_local bool is_worker = false;

}  // namespace

bool Workers::IsAnyThisThread() { return is_worker; }

bool Workers::Run(absl::AnyInvocable<void()> work) {
  Threads ended;
  {
    absl::MutexLock lock(&mutex_);
    if (closed_ || running_ >= limit_) return false;
    ++running_;
    waiting_.push_back(std::move(work));
    if (idle_threads_ < waiting_.size()) {
      const auto self = threads_.emplace(threads_.end());
      *self = std::thread([this, self] { Work(self); });
    }
    ended.swap(ended_);
  }
  for (std::thread& thread : ended) thread.join();
  return true;
}

void Workers::Work(Threads::iterator self) {
  is_worker = true;
  for (;;) {
    absl::AnyInvocable<void()> work;
    {
      absl::MutexLock lock(&mutex_);
      ++idle_threads_;
      mutex_.AwaitWithTimeout(absl::Condition(this, &Workers::HasWorkOrClosed),
                              idle_);
      --idle_threads_;
      if (waiting_.empty()) {
        ended_.splice(ended_.end(), threads_, self);
        return;
      }
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    try {
      work();
    } catch (...) {
      // A loader's own: nobody waits for this value.
    }
    work = nullptr;
    absl::MutexLock lock(&mutex_);
    --running_;
  }
}

void Workers::Close() {
  Threads ended;
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    mutex_.Await(absl::Condition(
        +[](Threads* threads) { return threads->empty(); }, &threads_));
    ended.swap(ended_);
  }
  for (std::thread& thread : ended) thread.join();
}

std::size_t Workers::threads() {
  absl::MutexLock lock(&mutex_);
  return threads_.size();
}

}  // namespace outrigger::client::internal
