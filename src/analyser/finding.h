// What the analyser found.
#ifndef OUTRIGGER_ANALYSER_FINDING_H_
#define OUTRIGGER_ANALYSER_FINDING_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/clock.h"

namespace outrigger::analyser {

// kInfo: worth knowing, needs nothing. kWarning: something suffers or soon
// will. kCritical: calls fail or hang.
enum class Severity { kInfo, kWarning, kCritical };
inline constexpr size_t kSeverities = 3;
// "info", "warning", "critical".
const char* NameOf(Severity severity);

// A value; the texts are English, for people.
struct Finding {
  const char* kind = "";  // a constant, e.g. "slow_operation"
  std::string subject;    // which limit, method, …; empty: the whole
  Severity severity = Severity::kInfo;
  std::string title;
  // Numbers by name, which are constants; units are in the names.
  std::vector<std::pair<const char*, double>> evidence;
  const char* likely_cause = "";
  const char* advice = "";
  WallTime since{};

  // Unique among those of a time.
  std::string id() const {
    return subject.empty() ? kind : absl::StrCat(kind, ":", subject);
  }
};

// How a step judges one thing. What no verdict is about is good.
struct Verdict {
  Finding finding;
  // False: near the threshold: good no longer, not bad yet.
  bool bad = false;
};

// One threshold, whether or not it is crossed.
struct Check {
  const char* name = "";
  // Unset: there is nothing to judge by.
  std::optional<double> value;
  double threshold = 0;
  const char* unit = "1";
  // Unset: good.
  std::optional<Severity> severity;
};

// What one step judged.
struct Judgement {
  std::vector<Check> checks;
  std::vector<Verdict> verdicts;
};

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_FINDING_H_
