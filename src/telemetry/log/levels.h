// From which level on each part logs.
#ifndef OUTRIGGER_TELEMETRY_LOG_LEVELS_H_
#define OUTRIGGER_TELEMETRY_LOG_LEVELS_H_

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "telemetry/log.h"
#include "telemetry/log/record.h"

namespace outrigger::telemetry {

// Thread-safe. Log's functions of the same names say what these do.
class LogLevels {
 public:
  // A part that logs; beyond Log::kMostParts they are not listed.
  void Add(absl::string_view part) ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes no lock for an event that is below all parts' levels.
  bool Wants(absl::string_view part, LogLevel level) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  void SetMinimum(LogLevel level) ABSL_LOCKS_EXCLUDED(mutex_);
  LogLevel minimum() const ABSL_LOCKS_EXCLUDED(mutex_);
  bool SetLevel(absl::string_view part, LogLevel level)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void ClearLevel(absl::string_view part) ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<LogPart> Parts() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void FindLowest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::atomic<LogLevel> lowest_{LogLevel::kInfo};  // of all parts
  mutable absl::Mutex mutex_;
  LogLevel minimum_ ABSL_GUARDED_BY(mutex_) = LogLevel::kInfo;
  // Unset: the minimum.
  std::map<std::string, std::optional<LogLevel>, std::less<>> parts_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_LOG_LEVELS_H_
