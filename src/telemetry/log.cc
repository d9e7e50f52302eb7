#include "telemetry/log.h"

#include <atomic>
#include <cstdio>

#include "absl/strings/escaping.h"
#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "telemetry/trace/tracer.h"

namespace outrigger::telemetry {
namespace {

std::atomic<LogLevel> minimum{LogLevel::kInfo};

const char* Name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "?";
}

absl::Mutex sink_mutex(absl::kConstInit);
LogSink* sink ABSL_GUARDED_BY(sink_mutex) = nullptr;

}  // namespace

void Log::SetSink(LogSink* next) {
  absl::MutexLock lock(&sink_mutex);
  sink = next;
}

void Log::SetMinimum(LogLevel level) { minimum.store(level); }

void Log::Write(LogLevel level, absl::string_view message,
                const LogFields& fields) const {
  if (level < minimum.load(std::memory_order_relaxed)) return;
  const absl::Time now =
      absl::FromUnixNanos(clock_.WallNow().time_since_epoch().count());
  std::string line = absl::StrCat(
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", now, absl::UTCTimeZone()), " ",
      Name(level), " ", part_, ": ", message);
  for (const auto& [name, value] : fields) {
    absl::StrAppend(&line, " ", name, "=\"", absl::CEscape(value), "\"");
  }
  line += '\n';
  std::fwrite(line.data(), 1, line.size(),
              stderr);  // one call: lines stay whole
  absl::MutexLock lock(&sink_mutex);
  if (sink == nullptr) return;
  LogRecord record{clock_.WallNow(), level, part_, std::string(message), {},
                   CurrentSpan()};
  for (const auto& [name, value] : fields) {
    record.fields.emplace_back(std::string(name), value);
  }
  sink->Accept(record);
}

}  // namespace outrigger::telemetry
