// What callers pass on about themselves: the header `baggage` (W3C Baggage).
#ifndef OUTRIGGER_TELEMETRY_TRACE_BAGGAGE_H_
#define OUTRIGGER_TELEMETRY_TRACE_BAGGAGE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace outrigger::telemetry {

// The entries of `header` whose names are in `wanted`, percent-decoded, as
// attributes: "baggage.<name>", kept for ever, and the value. Malformed entries
// are left out; of a header longer than W3C's 8,192 bytes nothing is read.
std::vector<std::pair<absl::string_view, std::string>> PickBaggage(
    absl::string_view header, const std::vector<std::string>& wanted);

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_TRACE_BAGGAGE_H_
