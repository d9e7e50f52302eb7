// Compares what was seen with the thresholds of the configuration.
#ifndef OUTRIGGER_ANALYSER_JUDGE_THRESHOLDS_H_
#define OUTRIGGER_ANALYSER_JUDGE_THRESHOLDS_H_

#include "analyser/finding.h"
#include "analyser/options.h"
#include "analyser/seen/seen.h"

namespace outrigger::analyser {

// All checks, always in the same order, and what crosses a threshold or is
// near one. Of things that there are many of (limits, methods, …), the
// kMostOfAKind worst. Checks' severities are left unset.
inline constexpr size_t kMostOfAKind = 10;
Judgement JudgeThresholds(const Seen& seen, const Options& options);

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_JUDGE_THRESHOLDS_H_
