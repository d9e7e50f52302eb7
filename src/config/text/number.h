// Plain decimal numbers.
#ifndef OUTRIGGER_CONFIG_TEXT_NUMBER_H_
#define OUTRIGGER_CONFIG_TEXT_NUMBER_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace outrigger::config {

// Digits, perhaps with a fraction, from 0 to 1e15: "100", "0.5". No sign, no
// exponent, no spaces. kInvalidArgument else.
absl::StatusOr<double> ParseNumber(absl::string_view text);

// The shortest text that ParseNumber reads back to the same number.
// REQUIRES: 0 <= number <= 1e15.
std::string FormatNumber(double number);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_TEXT_NUMBER_H_
