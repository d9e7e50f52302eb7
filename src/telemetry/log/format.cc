#include "telemetry/log/format.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/json.h"

namespace outrigger::telemetry {
namespace {

constexpr const char* kReserved[] = {"time",    "level",    "part",
                                     "message", "trace_id", "span_id"};

std::string Rfc3339(WallTime time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ",
                          absl::FromUnixNanos(time.time_since_epoch().count()),
                          absl::UTCTimeZone());
}

bool IsReserved(absl::string_view name) {
  for (const char* reserved : kReserved) {
    if (name == reserved) return true;
  }
  return false;
}

// Green, none, yellow and red; told apart by the word, too.
const char* ColourOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "\x1b[32m";
    case LogLevel::kInfo:
      return "";
    case LogLevel::kWarning:
      return "\x1b[33m";
    case LogLevel::kError:
      return "\x1b[31m";
  }
  return "";
}

}  // namespace

std::string JsonLine(const LogRecord& record) {
  JsonWriter json;
  json.BeginObject()
      .Field("time", Rfc3339(record.time))
      .Field("level", NameOf(record.level))
      .Field("part", record.part)
      .Field("message", record.message);
  for (const auto& [name, value] : record.fields) {
    json.Field(IsReserved(name) ? absl::StrCat(name, "_") : name, value);
  }
  if (record.span.valid()) {
    json.Field("trace_id", Hex(record.span.trace_id))
        .Field("span_id", SpanIdHex(record.span.span_id));
  }
  json.EndObject();
  std::string line = std::move(json).Take();
  line += '\n';
  return line;
}

std::string TextLine(const LogRecord& record, bool colour) {
  const absl::string_view start = colour ? ColourOf(record.level) : "";
  const absl::string_view end = start.empty() ? "" : "\x1b[0m";
  std::string line = absl::StrCat(Rfc3339(record.time), " ", start,
                                  NameOf(record.level), end, " ", record.part,
                                  ": ", absl::Utf8SafeCEscape(record.message));
  for (const auto& [name, value] : record.fields) {
    absl::StrAppend(&line, " ", name, "=\"", absl::Utf8SafeCEscape(value),
                    "\"");
  }
  if (record.span.valid()) {
    absl::StrAppend(&line, " trace_id=", Hex(record.span.trace_id),
                    " span_id=", SpanIdHex(record.span.span_id));
  }
  line += '\n';
  return line;
}

}  // namespace outrigger::telemetry
