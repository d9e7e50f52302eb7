#include "config/text/rate.h"

#include <chrono>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "config/text/duration.h"
#include "config/text/number.h"
#include "config/text/problem.h"

namespace outrigger::config {
namespace {

absl::Status Bad(absl::string_view text, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(Quote(text), what, "; write e.g. 100/1m or 10/s"));
}

}  // namespace

absl::StatusOr<Rate> ParseRate(absl::string_view text) {
  const size_t slash = text.find('/');
  if (slash == absl::string_view::npos) {
    return Bad(text, " is not a rate: a number per duration");
  }
  const absl::StatusOr<double> tokens = ParseNumber(text.substr(0, slash));
  if (!tokens.ok()) {
    return Bad(text, " is not a rate: no number stands before the '/'");
  }
  if (*tokens <= 0) return Bad(text, " must be more than 0");
  std::string span(text.substr(slash + 1));
  if (!span.empty() && absl::ascii_isalpha(span.front())) span.insert(0, "1");
  const absl::StatusOr<Duration> period = ParseDuration(span);
  if (!period.ok()) {
    return Bad(text, " is not a rate: no duration stands after the '/'");
  }
  if (*period < std::chrono::microseconds(1) || period->count() % 1000 != 0) {
    return Bad(text, " must be per whole microseconds");
  }
  return Rate{.tokens = *tokens, .period_us = ToMicros(*period)};
}

std::string FormatRate(const Rate& rate) {
  return absl::StrCat(
      FormatNumber(rate.tokens), "/",
      FormatDuration(std::chrono::microseconds(rate.period_us)));
}

}  // namespace outrigger::config
