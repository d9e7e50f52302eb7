// Looks over what the metrics say, second by second, and says what is wrong.
//
// It keeps a few minutes of each series, compares them with thresholds and with
// what is usual, and holds the findings: each is logged once when it is new and
// once when it is over, and counted by metrics. Its memory is bounded: at most
// 1 MiB with a thousand limits.
#ifndef OUTRIGGER_ANALYSER_ANALYSER_H_
#define OUTRIGGER_ANALYSER_ANALYSER_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "analyser/finding.h"
#include "analyser/judge/anomalies.h"
#include "analyser/judge/findings.h"
#include "analyser/options.h"
#include "analyser/report.h"
#include "analyser/seen/seen.h"
#include "base/clock.h"
#include "telemetry/log.h"
#include "telemetry/registry.h"
#include "telemetry/snapshot.h"

namespace outrigger::analyser {

// Thread-safe.
class Analyser {
 public:
  // `registry` gets the metrics outrigger.analyser.*; it and `clock`, which
  // only dates log events, must outlive the analyser.
  Analyser(const Options& options, Program program, const Clock& clock,
           telemetry::Registry& registry);

  Analyser(const Analyser&) = delete;
  Analyser& operator=(const Analyser&) = delete;

  // Takes a look. Call about once a second, with a snapshot of that moment; one
  // that comes within a fifth of a second after another is left out. Costs
  // about a millisecond with a thousand limits. Not from an observer of the
  // registry.
  void Look(MonotonicTime now, WallTime wall,
            const telemetry::Snapshot& snapshot) ABSL_LOCKS_EXCLUDED(mutex_);

  // From the next look on. What is known stays known.
  void SetOptions(const Options& options) ABSL_LOCKS_EXCLUDED(mutex_);

  // The two documents of report.h.
  std::string MetricsJson() const ABSL_LOCKS_EXCLUDED(mutex_);
  std::string HealthJson() const ABSL_LOCKS_EXCLUDED(mutex_);

  // What holds now, the worst first.
  std::vector<Finding> CurrentFindings() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // Unset: too early for another look.
  std::optional<Step> NextStep(MonotonicTime now, WallTime wall) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Observe(telemetry::Observations& seen) const ABSL_LOCKS_EXCLUDED(mutex_);
  void Tell(const Findings::Changes& changes);

  const Program program_;
  const telemetry::Log log_;
  std::array<telemetry::Counter*, kSeverities> raised_;

  mutable absl::Mutex mutex_;
  Options options_ ABSL_GUARDED_BY(mutex_);
  std::optional<MonotonicTime> last_ ABSL_GUARDED_BY(mutex_);
  Seen seen_ ABSL_GUARDED_BY(mutex_);
  Anomalies anomalies_ ABSL_GUARDED_BY(mutex_);
  Findings findings_ ABSL_GUARDED_BY(mutex_);
  Health health_ ABSL_GUARDED_BY(mutex_);

  telemetry::Observation observation_;  // last: it uses all above
};

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_ANALYSER_H_
