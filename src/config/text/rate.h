// Rates as people write them: a number per duration.
#ifndef OUTRIGGER_CONFIG_TEXT_RATE_H_
#define OUTRIGGER_CONFIG_TEXT_RATE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace outrigger::config {

struct Rate {
  // Finite, > 0.
  double tokens = 1;
  // Microseconds, >= 1.
  int64_t period_us = 1'000'000;

  bool operator==(const Rate&) const = default;
};

// A number, '/', and a duration (see ParseDuration), whose leading number may
// be left out: "100/1m", "100/m", "10/s", "5/30s", "0.5/1h30m". The number is
// plain digits, perhaps with a fraction. kInvalidArgument else, saying what to
// write.
absl::StatusOr<Rate> ParseRate(absl::string_view text);

// The text that ParseRate reads back to the same rate: "100/1m".
std::string FormatRate(const Rate& rate);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_TEXT_RATE_H_
