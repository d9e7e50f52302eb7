// The judge of thresholds, for the two files that it is written in.
#ifndef OUTRIGGER_ANALYSER_JUDGE_COURT_H_
#define OUTRIGGER_ANALYSER_JUDGE_COURT_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analyser/finding.h"
#include "analyser/judge/scale.h"
#include "analyser/options.h"
#include "analyser/seen/seen.h"

namespace outrigger::analyser {

// What of some value is judged.
struct Subject {
  std::string name;
  double value;
  Evidence evidence;
};

// Judges by one scale after another.
class Court {
 public:
  Court(const Seen& seen, const Options& options)
      : seen_(seen), options_(options), whole_(seen.Window()) {}

  Judgement Judge() {
    Responses();
    Errors();
    Caches();
    Pools();
    Breakers();
    Redis();
    Machine();
    Degraded();
    Limits();
    Dropped();
    SlowOperations();
    return std::move(judgement_);
  }

 private:
  void Responses();
  void Errors();
  void Caches();
  void Pools();
  void Breakers();
  void Redis();
  void Machine();
  void Degraded();
  void Limits();
  void Dropped();
  void SlowOperations();
  void AddSlow(const std::string& name, const Operation& operation,
               const Latencies& own, std::vector<Subject>& subjects) const;

  bool Enough(double count) const {
    return count > 0 && count >= static_cast<double>(options_.minimum_calls);
  }
  // The window comes first in all evidence.
  Evidence Start(Evidence more = {}) const {
    Evidence evidence{{"window_s", ToSeconds(options_.window)}};
    evidence.insert(evidence.end(), more.begin(), more.end());
    return evidence;
  }

  // One value; unset: there is nothing to judge by.
  bool One(const Scale& scale, std::optional<double> value,
           Evidence evidence = {});
  // Many; the check shows the worst.
  void Many(const Scale& scale, std::vector<Subject> subjects);

  const Seen& seen_;
  const Options& options_;
  const WholeSums whole_;
  Judgement judgement_;
};

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_JUDGE_COURT_H_
