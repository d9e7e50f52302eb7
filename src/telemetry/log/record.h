// A log event.
#ifndef OUTRIGGER_TELEMETRY_LOG_RECORD_H_
#define OUTRIGGER_TELEMETRY_LOG_RECORD_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "telemetry/trace/span_context.h"

namespace outrigger::telemetry {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
inline constexpr size_t kLogLevels = 4;

// "debug", "info", "warning", "error".
const char* NameOf(LogLevel level);
// Unset if it is none of these.
std::optional<LogLevel> LogLevelNamed(absl::string_view name);
// OTLP's: 5, 9, 13, 17.
int SeverityNumber(LogLevel level);

struct LogRecord {
  WallTime time{};
  LogLevel level = LogLevel::kInfo;
  std::string part;
  std::string message;
  std::vector<std::pair<std::string, std::string>> fields;
  SpanContext span;  // invalid: none
};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_LOG_RECORD_H_
