#include "config/text/byte_size.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "config/text/problem.h"

namespace outrigger::config {
namespace {

struct Unit {
  absl::string_view name;
  int64_t bytes;
};

// Those of 1024s first, from large to small: FormatByteSize takes the first.
constexpr Unit kUnits[] = {
    {"TiB", 1LL << 40},    {"GiB", 1LL << 30}, {"MiB", 1LL << 20},
    {"KiB", 1LL << 10},    {"B", 1},           {"TB", 1'000'000'000'000},
    {"GB", 1'000'000'000}, {"MB", 1'000'000},  {"kB", 1'000},
};
constexpr int64_t kLargest = 1024LL << 40;

absl::Status Bad(absl::string_view text, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(Quote(text), " ", what, "; write e.g. 64MiB or 1KiB"));
}

}  // namespace

absl::StatusOr<int64_t> ParseByteSize(absl::string_view text) {
  if (text == "0") return 0;
  const size_t digits =
      std::min(text.find_first_not_of("0123456789"), text.size());
  int64_t count = 0;
  if (!absl::SimpleAtoi(text.substr(0, digits), &count)) {
    return Bad(text, "is not a size");
  }
  const absl::string_view name = text.substr(digits);
  if (name.empty()) return Bad(text, "has no unit (B, KiB, MiB, GiB)");
  for (const Unit& unit : kUnits) {
    if (unit.name != name) continue;
    if (count > kLargest / unit.bytes) {
      return Bad(text, "is more than 1024TiB");
    }
    return count * unit.bytes;
  }
  return Bad(text, "is not a size");
}

std::string FormatByteSize(int64_t bytes) {
  if (bytes == 0) return "0";
  for (const Unit& unit : kUnits) {
    if (bytes % unit.bytes == 0) {
      return absl::StrCat(bytes / unit.bytes, unit.name);
    }
  }
  return absl::StrCat(bytes, "B");
}

}  // namespace outrigger::config
