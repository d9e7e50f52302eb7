#include "telemetry/log.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "telemetry/log/format.h"
#include "telemetry/log/levels.h"
#include "telemetry/log/log_metrics.h"
#include "telemetry/trace/tracer.h"

namespace outrigger::telemetry {
namespace {

// Made at the first use and never ended: static objects may log, too.
LogLevels& PartLevels() {
  static auto* const levels = new LogLevels;
  return *levels;
}

void WriteWhole(absl::string_view line) {
  while (!line.empty()) {
    const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody reads, and there is nobody to tell
    line.remove_prefix(static_cast<size_t>(written));
  }
}

// Where events go, for the whole process. One event at a time, so that lines
// stay whole.
class Output {
 public:
  void SetFormat(LogFormat format) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    const bool terminal = isatty(STDERR_FILENO) != 0;
    json_ =
        format == LogFormat::kJson || (format == LogFormat::kAuto && !terminal);
    const char* const no_colour = std::getenv("NO_COLOR");
    colour_ = terminal && (no_colour == nullptr || no_colour[0] == '\0');
  }

  void SetSink(LogSink* sink) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    sink_ = sink;
  }

  void Put(const Clock& clock, const HoldBack& hold_back,
           const LogRecord& record) ABSL_LOCKS_EXCLUDED(mutex_) {
    const MonotonicTime now = clock.Now();
    absl::MutexLock lock(&mutex_);
    Say(repeated_.TakeOver(now), clock);
    CountLogEvent(record.level);
    if (repeated_.Grant(now, record.level, record.part, record.message,
                        hold_back)) {
      Emit(record);
    } else {
      CountHeldBackLogEvent();
    }
  }

  void SayHeldBack(const Clock& clock, bool all) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    Say(all ? repeated_.TakeAll() : repeated_.TakeOver(clock.Now()), clock);
  }

 private:
  void Say(const std::vector<RepeatedMessages::Summary>& summaries,
           const Clock& clock) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (const RepeatedMessages::Summary& summary : summaries) {
      LogRecord record;
      record.time = clock.WallNow();
      record.level = summary.level;
      record.part = summary.part;
      record.message = absl::StrCat(summary.message, " … repeated");
      record.fields = {{"count", absl::StrCat(summary.held_back)},
                       {"within_s", absl::StrCat(ToSeconds(summary.window))}};
      Emit(record);
    }
  }

  void Emit(const LogRecord& record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    WriteWhole(json_ ? JsonLine(record) : TextLine(record, colour_));
    if (sink_ != nullptr) sink_->Accept(record);
  }

  absl::Mutex mutex_;
  bool json_ ABSL_GUARDED_BY(mutex_) = true;
  bool colour_ ABSL_GUARDED_BY(mutex_) = false;
  LogSink* sink_ ABSL_GUARDED_BY(mutex_) = nullptr;
  RepeatedMessages repeated_ ABSL_GUARDED_BY(mutex_);
};

Output& TheOutput() {
  static auto* const output = [] {
    auto* const made = new Output;
    made->SetFormat(LogFormat::kAuto);
    return made;
  }();
  return *output;
}

}  // namespace

Log::Log(std::string part, const Clock& clock, HoldBack hold_back)
    : part_(std::move(part)), clock_(clock), hold_back_(hold_back) {
  PartLevels().Add(part_);
}

void Log::SetMinimum(LogLevel level) { PartLevels().SetMinimum(level); }
LogLevel Log::Minimum() { return PartLevels().minimum(); }
bool Log::SetLevel(absl::string_view part, LogLevel level) {
  return PartLevels().SetLevel(part, level);
}
void Log::ClearLevel(absl::string_view part) { PartLevels().ClearLevel(part); }
std::vector<LogPart> Log::Levels() { return PartLevels().Parts(); }

void Log::SetFormat(LogFormat format) { TheOutput().SetFormat(format); }
void Log::SetSink(LogSink* sink) { TheOutput().SetSink(sink); }
void Log::Tick(const Clock& clock) { TheOutput().SayHeldBack(clock, false); }
void Log::Flush(const Clock& clock) { TheOutput().SayHeldBack(clock, true); }

void Log::Write(LogLevel level, absl::string_view message,
                const LogFields& fields) const {
  if (!PartLevels().Wants(part_, level)) return;
  LogRecord record;
  record.time = clock_.WallNow();
  record.level = level;
  record.part = part_;
  record.message = std::string(message);
  for (const auto& [name, value] : fields) {
    record.fields.emplace_back(std::string(name), value);
  }
  record.span = CurrentSpan();
  TheOutput().Put(clock_, hold_back_, record);
}

}  // namespace outrigger::telemetry
