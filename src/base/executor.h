// Work for later: the seam through which parts set timers.
#ifndef OUTRIGGER_BASE_EXECUTOR_H_
#define OUTRIGGER_BASE_EXECUTOR_H_

#include <cstdint>

#include "absl/functional/any_invocable.h"
#include "base/clock.h"

namespace outrigger {

// Runs functions at given times, one after another on one thread of its own.
// Thread-safe.
class Executor {
 public:
  using TimerId = uint64_t;  // never 0

  virtual ~Executor() = default;

  // Runs `work` once, at `when` or as soon after as possible; never before this
  // call returns. A time in the past means soon.
  virtual TimerId RunAt(MonotonicTime when,
                        absl::AnyInvocable<void()> work) = 0;

  // True if the timer was still waiting; its work is then destroyed unrun.
  // False if it has run, runs now, or never was.
  virtual bool Cancel(TimerId timer) = 0;
};

}  // namespace outrigger

#endif  // OUTRIGGER_BASE_EXECUTOR_H_
