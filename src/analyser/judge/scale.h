// One threshold, and what lies beyond it.
#ifndef OUTRIGGER_ANALYSER_JUDGE_SCALE_H_
#define OUTRIGGER_ANALYSER_JUDGE_SCALE_H_

#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "analyser/finding.h"
#include "analyser/judge/kinds.h"

namespace outrigger::analyser {

struct Scale {
  const Kind& kind;
  // UCUM.
  const char* unit = "1";
  // Above it is bad; from 90 % of it on, a value is near. Where small is bad,
  // below it is bad, and near is a tenth of the way to 1.
  double threshold = 0;
  bool small_is_bad = false;
  // From here on the finding is of the next severity.
  double severe = std::numeric_limits<double>::infinity();
  Severity severity = Severity::kWarning;
};

using Evidence = std::vector<std::pair<const char*, double>>;

// The verdict on `value`; unset if it is good. `evidence` comes before the
// value and the threshold.
std::optional<Verdict> Weigh(const Scale& scale, absl::string_view subject,
                             double value, Evidence evidence);

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_JUDGE_SCALE_H_
