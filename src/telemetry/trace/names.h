// Names that spans refer to for as long as the process lives.
#ifndef OUTRIGGER_TELEMETRY_TRACE_NAMES_H_
#define OUTRIGGER_TELEMETRY_TRACE_NAMES_H_

#include "absl/strings/string_view.h"

namespace outrigger::telemetry {

// The same text, kept for ever: for names of which there are few, e.g. methods.
// Thread-safe.
absl::string_view KeptName(absl::string_view name);

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_TRACE_NAMES_H_
