#include "config/text/duration.h"

#include <cmath>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "config/text/problem.h"

namespace outrigger::config {
namespace {

struct Unit {
  absl::string_view name;
  int64_t nanoseconds;
};

constexpr Unit kUnits[] = {
    {"d", 86'400'000'000'000},
    {"h", 3'600'000'000'000},
    {"m", 60'000'000'000},
    {"s", 1'000'000'000},
    {"ms", 1'000'000},
    {"us", 1'000},
    {"ns", 1},
};
constexpr int64_t kLongest = 36'500 * kUnits[0].nanoseconds;

const Unit* FindUnit(absl::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

// Cuts the longest front of which each byte satisfies `is` off `*text`.
template <typename Is>
absl::string_view TakeWhile(absl::string_view* text, Is is) {
  size_t end = 0;
  while (end < text->size() && is((*text)[end])) ++end;
  const absl::string_view front = text->substr(0, end);
  text->remove_prefix(end);
  return front;
}

bool IsNumeric(char c) { return absl::ascii_isdigit(c) || c == '.'; }

// Digits with at most one point between them: not "1.", ".5" or "1.2.3".
bool IsPlainNumber(absl::string_view number) {
  const size_t point = number.find('.');
  return !number.empty() && number.front() != '.' && number.back() != '.' &&
         number.find('.', point + 1) == absl::string_view::npos;
}

// `number` units, or more than kLongest. Whole numbers are exact.
// REQUIRES: IsPlainNumber(number).
int64_t Nanoseconds(absl::string_view number, const Unit& unit) {
  int64_t whole = 0;
  if (absl::SimpleAtoi(number, &whole)) {
    return whole > kLongest / unit.nanoseconds ? kLongest + 1
                                               : whole * unit.nanoseconds;
  }
  double count = 0;
  if (!absl::SimpleAtod(number, &count)) return kLongest + 1;
  const double total = count * static_cast<double>(unit.nanoseconds);
  return total > static_cast<double>(kLongest) ? kLongest + 1
                                               : std::llround(total);
}

absl::Status Bad(absl::string_view text, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(Quote(text), " ", what, "; write e.g. 50ms, 30s or 1h30m"));
}

}  // namespace

absl::StatusOr<Duration> ParseDuration(absl::string_view text) {
  if (text == "0") return Duration::zero();
  absl::string_view rest = text;
  int64_t total = 0;
  int64_t shorter_than = kLongest;
  bool fraction = false;
  do {
    const absl::string_view number = TakeWhile(&rest, IsNumeric);
    const absl::string_view name =
        TakeWhile(&rest, [](char c) { return !IsNumeric(c); });
    if (!IsPlainNumber(number)) return Bad(text, "is not a duration");
    if (name.empty()) return Bad(text, "has no unit (d, h, m, s, ms, us, ns)");
    const Unit* unit = FindUnit(name);
    if (unit == nullptr) return Bad(text, "is not a duration");
    if (fraction || unit->nanoseconds >= shorter_than) {
      return Bad(text,
                 "must go from long to short units, and only the last "
                 "number may have a fraction");
    }
    shorter_than = unit->nanoseconds;
    fraction = number.find('.') != absl::string_view::npos;
    const int64_t part = Nanoseconds(number, *unit);
    if (part > kLongest - total) return Bad(text, "is longer than 36500d");
    total += part;
  } while (!rest.empty());
  return Duration(total);
}

std::string FormatDuration(Duration duration) {
  int64_t left = duration.count();
  if (left == 0) return "0";
  std::string out;
  for (const Unit& unit : kUnits) {
    const int64_t count = left / unit.nanoseconds;
    if (count > 0) absl::StrAppend(&out, count, unit.name);
    left %= unit.nanoseconds;
  }
  return out;
}

}  // namespace outrigger::config
