// Which findings hold, so that none comes and goes with every second.
#ifndef OUTRIGGER_ANALYSER_JUDGE_FINDINGS_H_
#define OUTRIGGER_ANALYSER_JUDGE_FINDINGS_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "analyser/finding.h"
#include "base/clock.h"

namespace outrigger::analyser {

// What has been bad for some steps in a row becomes a finding, and what has
// then been good for some steps in a row is one no longer; what is near the
// threshold leaves a finding as it is. While it holds, its evidence is the
// latest and its severity the worst so far.
class Findings {
 public:
  // Known at a time; new ones beyond are left out.
  static constexpr size_t kMost = 128;

  struct Changes {
    std::vector<Finding> raised;
    std::vector<Finding> cleared;
  };

  Changes Step(std::vector<Verdict> verdicts, WallTime now, int raise_after,
               int clear_after);

  // Those that hold: the worst first, then the oldest.
  std::vector<Finding> Current() const;

  // Verdicts of the latest step that were left out.
  size_t left_out() const { return left_out_; }

 private:
  struct Known {
    Finding finding;
    bool raised = false;
    bool seen = false;  // in this step
    int bad_steps = 0;
    int good_steps = 0;
  };

  void Weigh(Verdict verdict, WallTime now);

  std::map<std::string, Known> known_;  // by id
  size_t left_out_ = 0;
};

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_JUDGE_FINDINGS_H_
