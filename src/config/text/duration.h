// Lengths of time as people write them.
#ifndef OUTRIGGER_CONFIG_TEXT_DURATION_H_
#define OUTRIGGER_CONFIG_TEXT_DURATION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"

namespace outrigger::config {

// One or more numbers, each with its unit, from long to short, no unit twice
// and no spaces: "50ms", "1m", "1h30m", "2d", "1.5s". Units: d, h, m, s, ms,
// us, ns. Only the last number may have a fraction; what is less than a
// nanosecond is rounded to the nearest. "0" needs no unit; any other number
// does. No sign. At most 36500d. kInvalidArgument else, saying what to write.
absl::StatusOr<Duration> ParseDuration(absl::string_view text);

// The shortest such text with whole numbers; ParseDuration gives `duration`
// back. REQUIRES: duration >= 0.
std::string FormatDuration(Duration duration);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_TEXT_DURATION_H_
