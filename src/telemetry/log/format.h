// A log event as a line.
#ifndef OUTRIGGER_TELEMETRY_LOG_FORMAT_H_
#define OUTRIGGER_TELEMETRY_LOG_FORMAT_H_

#include <string>

#include "telemetry/log/record.h"

namespace outrigger::telemetry {

// One JSON object and a line feed. Keys: time (RFC 3339, UTC, milliseconds),
// level, part, message, then the event's fields, whose values are texts, and if
// there is a span trace_id and span_id. A field that is called like one of
// these gets a '_' behind its name.
std::string JsonLine(const LogRecord& record);

// For people: "2026-01-02T03:04:05.678Z info server: message name="value"" and
// a line feed. In one line, whatever the texts hold. `colour`: with ANSI escape
// sequences.
std::string TextLine(const LogRecord& record, bool colour);

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_LOG_FORMAT_H_
