#include "config/text/number.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "config/text/problem.h"

namespace outrigger::config {

absl::StatusOr<double> ParseNumber(absl::string_view text) {
  constexpr double kLargest = 1e15;
  // from_chars alone would also take signs, "inf" and "1.".
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '.';
  });
  double number = 0;
  const char* const end = text.data() + text.size();
  if (!plain || text.empty() || text.front() == '.' || text.back() == '.') {
    return absl::InvalidArgumentError(
        absl::StrCat(Quote(text), " is not a number"));
  }
  const auto [stopped, error] =
      std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc() || stopped != end || number > kLargest) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quote(text), " is not a number up to 1e15"));
  }
  return number;
}

std::string FormatNumber(double number) {
  // 1e15 has 16 digits; the smallest double has 1,074 places.
  char buffer[1100];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer),
                                          number, std::chars_format::fixed);
  return std::string(buffer, end);
}

}  // namespace outrigger::config
