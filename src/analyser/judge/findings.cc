#include "analyser/judge/findings.h"

#include <algorithm>
#include <utility>

namespace outrigger::analyser {

void Findings::Weigh(Verdict verdict, WallTime now) {
  const std::string id = verdict.finding.id();
  auto found = known_.find(id);
  if (found == known_.end()) {
    if (!verdict.bad) return;
    if (known_.size() >= kMost) {
      ++left_out_;
      return;
    }
    found = known_.try_emplace(id).first;
    found->second.finding.since = now;
  }
  Known& known = found->second;
  known.seen = true;
  known.good_steps = 0;
  known.bad_steps = verdict.bad ? known.bad_steps + 1 : 0;
  if (known.bad_steps == 1 && !known.raised) known.finding.since = now;
  verdict.finding.since = known.finding.since;
  if (known.raised) {
    verdict.finding.severity =
        std::max(verdict.finding.severity, known.finding.severity);
  }
  known.finding = std::move(verdict.finding);
}

Findings::Changes Findings::Step(std::vector<Verdict> verdicts, WallTime now,
                                 int raise_after, int clear_after) {
  Changes changes;
  left_out_ = 0;
  for (auto& [id, known] : known_) known.seen = false;
  for (Verdict& verdict : verdicts) Weigh(std::move(verdict), now);
  for (auto it = known_.begin(); it != known_.end();) {
    Known& known = it->second;
    if (!known.raised && known.bad_steps >= raise_after) {
      known.raised = true;
      changes.raised.push_back(known.finding);
    }
    if (!known.seen) {
      known.bad_steps = 0;
      ++known.good_steps;
    }
    const bool over =
        known.raised ? known.good_steps >= clear_after : known.bad_steps == 0;
    if (known.raised && over) changes.cleared.push_back(known.finding);
    it = over ? known_.erase(it) : std::next(it);
  }
  return changes;
}

std::vector<Finding> Findings::Current() const {
  std::vector<Finding> current;
  for (const auto& [id, known] : known_) {
    if (known.raised) current.push_back(known.finding);
  }
  std::stable_sort(current.begin(), current.end(),
                   [](const Finding& a, const Finding& b) {
                     return a.severity != b.severity ? a.severity > b.severity
                                                     : a.since < b.since;
                   });
  return current;
}

}  // namespace outrigger::analyser
