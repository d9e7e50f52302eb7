// Threads for background loads: as many as are needed, gone when they idle.
#ifndef OUTRIGGER_CLIENT_CACHE_WORKERS_H_
#define OUTRIGGER_CLIENT_CACHE_WORKERS_H_

#include <cstddef>
#include <deque>
#include <list>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace outrigger::client::internal {

// Thread-safe.
class Workers {
 public:
  // At most `limit` at a time; a thread without work ends after `idle`.
  explicit Workers(std::size_t limit, absl::Duration idle = absl::Seconds(10))
      : limit_(limit), idle_(idle) {}
  ~Workers() { Close(); }

  // False: so many run already, or it is closed; `work` is destroyed. What it
  // throws is lost.
  bool Run(absl::AnyInvocable<void()> work) ABSL_LOCKS_EXCLUDED(mutex_);

  // Waits until all have ended. Not on one of these threads.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether this is a worker's thread, of any client.
  static bool IsAnyThisThread();

  // Threads that are there. For tests.
  std::size_t threads() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Threads = std::list<std::thread>;

  void Work(Threads::iterator self) ABSL_LOCKS_EXCLUDED(mutex_);
  bool HasWorkOrClosed() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return closed_ || !waiting_.empty();
  }

  const std::size_t limit_;
  const absl::Duration idle_;
  absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::size_t running_ ABSL_GUARDED_BY(mutex_) = 0;  // or waiting for a thread
  std::size_t idle_threads_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<absl::AnyInvocable<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
  Threads threads_ ABSL_GUARDED_BY(mutex_);
  Threads ended_ ABSL_GUARDED_BY(mutex_);  // to be joined
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_CACHE_WORKERS_H_
