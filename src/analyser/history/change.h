// Cumulative numbers to what came since the last look.
#ifndef OUTRIGGER_ANALYSER_HISTORY_CHANGE_H_
#define OUTRIGGER_ANALYSER_HISTORY_CHANGE_H_

#include <cstdint>

#include "base/clock.h"

namespace outrigger::analyser {

// One look at the metrics.
struct Step {
  MonotonicTime now{};
  WallTime wall{};
  // Since the step before; > 0.
  double seconds = 1;
  // The number of seconds that a series gets a point for; at least 1, more
  // when looks came late.
  int points = 1;
  // Of Sliding, at `now`.
  int64_t slot = 0;
  // Nothing is known of what was before: what is there counts as old.
  bool first = false;
};

// A sum that only grows.
class Grown {
 public:
  // How much came since the last call. A sum that is seen for the first time
  // after the first step began at zero in between. One that has shrunk began
  // anew.
  double By(double sum, const Step& step) {
    const double before = step.first || sum < last_ ? sum : last_;
    last_ = sum;
    return sum - before;
  }

 private:
  double last_ = 0;
};

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_HISTORY_CHANGE_H_
