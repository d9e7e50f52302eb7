// Structured logs: one event a line on standard error, and the same to a sink.
//
// An event has a time, a level, a part, a message, fields, and the trace that
// the thread works for. Lines are JSON, or readable text on a terminal. What is
// said again and again is held back and counted.
#ifndef OUTRIGGER_TELEMETRY_LOG_H_
#define OUTRIGGER_TELEMETRY_LOG_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "telemetry/log/hold_back.h"
#include "telemetry/log/record.h"

namespace outrigger::telemetry {

using LogFields = std::vector<std::pair<absl::string_view, std::string>>;

// Takes events, besides standard error. Thread-safe; must not block and must
// not log.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void Accept(const LogRecord& record) = 0;
};

// kAuto: text if standard error is a terminal, else JSON.
enum class LogFormat { kAuto, kJson, kText };

// A part of the program that logs, and from which level on.
struct LogPart {
  std::string name;
  LogLevel level = LogLevel::kInfo;
  // It was set for this part; else it is the default.
  bool own_level = false;
};

// Writes lines for one part ("redis", "config", …). Thread-safe. Never on a hot
// path, though an event below the level costs only a few nanoseconds.
class Log {
 public:
  // `clock` must outlive it. `hold_back`: how often the same message is
  // written; counted for all Logs of the part together.
  Log(std::string part, const Clock& clock, HoldBack hold_back = {});

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

  // All below is for the whole process, and in force from the next event on.

  // Events below this level are dropped, of all parts that have no level of
  // their own. Default kInfo.
  static void SetMinimum(LogLevel level);
  static LogLevel Minimum();

  // A level for one part, which need not have logged yet. False, and nothing
  // is changed, if kMostParts have one.
  static bool SetLevel(absl::string_view part, LogLevel level);
  // The part has the default level again.
  static void ClearLevel(absl::string_view part);
  static constexpr size_t kMostParts = 64;

  // All parts that there are, or that have a level, by name.
  static std::vector<LogPart> Levels();

  // Default kAuto. Text has colours on a terminal unless the variable NO_COLOR
  // is set.
  static void SetFormat(LogFormat format);

  // Events go there, too, from now on. Null: nowhere. Returns when no event is
  // on its way to the old sink.
  static void SetSink(LogSink* sink);

  // Says how much was held back where the time for it is over. Events do so,
  // too; call it about once a second, for when there are none.
  static void Tick(const Clock& clock);
  // The same whether or not the time is over: before the process ends.
  static void Flush(const Clock& clock);

 private:
  void Write(LogLevel level, absl::string_view message,
             const LogFields& fields) const;

  const std::string part_;
  const Clock& clock_;
  const HoldBack hold_back_;
};

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_LOG_H_
