// The executor of the real program: one thread with a heap of timers.
#ifndef OUTRIGGER_BASE_TIMER_THREAD_H_
#define OUTRIGGER_BASE_TIMER_THREAD_H_

#include <map>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "base/executor.h"

namespace outrigger {

// Thread-safe. The destructor joins the thread; timers still waiting are
// destroyed unrun.
class TimerThread final : public Executor {
 public:
  // `clock` must be the system's clock (the thread truly waits) and outlive
  // this object.
  explicit TimerThread(const Clock& clock);
  ~TimerThread() override;

  // Joins the thread: no work runs any more, and timers set from now on never
  // do. For an orderly stop, where what the work uses goes before this object.
  // Not on the thread itself.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  TimerId RunAt(MonotonicTime when, absl::AnyInvocable<void()> work) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  bool Cancel(TimerId timer) override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Slot = std::pair<MonotonicTime, TimerId>;

  void Loop();
  bool Changed() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  TimerId last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  MonotonicTime waiting_for_ ABSL_GUARDED_BY(mutex_) = MonotonicTime::max();
  std::map<Slot, absl::AnyInvocable<void()>> timers_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<TimerId, MonotonicTime> due_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;  // last: it uses all above
};

}  // namespace outrigger

#endif  // OUTRIGGER_BASE_TIMER_THREAD_H_
