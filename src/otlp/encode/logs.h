// Log events on the wire.
#ifndef OUTRIGGER_OTLP_ENCODE_LOGS_H_
#define OUTRIGGER_OTLP_ENCODE_LOGS_H_

#include <string>

#include "absl/types/span.h"
#include "otlp/encode/origin.h"
#include "otlp/options.h"
#include "telemetry/log.h"

namespace outrigger::otlp {

// An ExportLogsServiceRequest. A record's part becomes the attribute
// "outrigger.part". REQUIRES: there are records.
std::string EncodeLogs(const Origin& origin, const ItemLimits& limits,
                       absl::Span<const telemetry::LogRecord> records);

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_ENCODE_LOGS_H_
