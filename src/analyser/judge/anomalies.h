// Finds what is unusual, without a threshold of its own.
#ifndef OUTRIGGER_ANALYSER_JUDGE_ANOMALIES_H_
#define OUTRIGGER_ANALYSER_JUDGE_ANOMALIES_H_

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "analyser/finding.h"
#include "analyser/history/baseline.h"
#include "analyser/options.h"
#include "analyser/seen/seen.h"

namespace outrigger::analyser {

// Learns what is usual for some signals of the whole program (traffic, errors,
// latency, denials, Redis' latency, processor time) and compares the window
// with it. A signal with too little traffic is neither judged nor learnt.
class Anomalies {
 public:
  static constexpr size_t kSignals = 6;

  // Call once a step.
  std::vector<Verdict> Judge(const Seen& seen, const Options& options);

 private:
  struct Learnt {
    MinuteMean minute;
    Baseline baseline;
  };
  std::array<Learnt, kSignals> learnt_;
};

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_JUDGE_ANOMALIES_H_
