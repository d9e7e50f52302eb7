// One event a line on standard error, and the same to a sink: time, level, part,
// message, fields, and the trace that the thread works for.
#ifndef OUTRIGGER_TELEMETRY_LOG_H_
#define OUTRIGGER_TELEMETRY_LOG_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "telemetry/trace/span_context.h"

namespace outrigger::telemetry {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

using LogFields = std::vector<std::pair<absl::string_view, std::string>>;

// One event.
struct LogRecord {
  WallTime time{};
  LogLevel level = LogLevel::kInfo;
  std::string part;
  std::string message;
  std::vector<std::pair<std::string, std::string>> fields;
  SpanContext span;  // invalid: none
};

// Takes events, besides standard error. Thread-safe; must not block and must not
// log.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void Accept(const LogRecord& record) = 0;
};

// Writes lines for one part ("redis", "config", …). Thread-safe. Never on a hot
// path. `clock` must outlive it.
class Log {
 public:
  Log(std::string part, const Clock& clock)
      : part_(std::move(part)), clock_(clock) {}

  void Debug(absl::string_view message, const LogFields& fields = {}) const {
    Write(LogLevel::kDebug, message, fields);
  }
  void Info(absl::string_view message, const LogFields& fields = {}) const {
    Write(LogLevel::kInfo, message, fields);
  }
  void Warning(absl::string_view message, const LogFields& fields = {}) const {
    Write(LogLevel::kWarning, message, fields);
  }
  void Error(absl::string_view message, const LogFields& fields = {}) const {
    Write(LogLevel::kError, message, fields);
  }

  // Lines below this level are dropped; for the whole process. Default kInfo.
  static void SetMinimum(LogLevel level);

  // Events go there, too, from now on; for the whole process. Null: nowhere.
  // Returns when no event is on its way to the old sink.
  static void SetSink(LogSink* sink);

 private:
  void Write(LogLevel level, absl::string_view message,
             const LogFields& fields) const;

  const std::string part_;
  const Clock& clock_;
};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_LOG_H_
