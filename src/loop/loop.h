// A thread's loop over libevent, to which other threads post work.
#ifndef OUTRIGGER_LOOP_LOOP_H_
#define OUTRIGGER_LOOP_LOOP_H_

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

struct event;
struct event_base;

namespace outrigger {

// Post and Stop are thread-safe; all else is for the thread that runs Run, or
// for any while none does.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Handles events until Stop.
  void Run();

  // Runs `work` on the loop's thread, after all that was posted before. Work
  // that was not run when the loop ends is destroyed unrun.
  void Post(absl::AnyInvocable<void()> work) ABSL_LOCKS_EXCLUDED(mutex_);

  // Run returns soon.
  void Stop();

  event_base* base() { return base_; }

 private:
  void RunPosted() ABSL_LOCKS_EXCLUDED(mutex_);

  event_base* const base_;
  const int wake_fd_;
  event* const wake_;
  absl::Mutex mutex_;
  std::vector<absl::AnyInvocable<void()>> posted_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger

#endif  // OUTRIGGER_LOOP_LOOP_H_
