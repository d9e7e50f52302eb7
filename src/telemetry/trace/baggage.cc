#include "telemetry/trace/baggage.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "telemetry/trace/names.h"

namespace outrigger::telemetry {
namespace {

std::string PercentDecoded(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    uint32_t code;
    if (text[i] == '%' && i + 2 < text.size() &&
        absl::SimpleHexAtoi(text.substr(i + 1, 2), &code)) {
      decoded.push_back(static_cast<char>(code));
      i += 2;
    } else {
      decoded.push_back(text[i]);
    }
  }
  return decoded;
}

}  // namespace

std::vector<std::pair<absl::string_view, std::string>> PickBaggage(
    absl::string_view header, const std::vector<std::string>& wanted) {
  constexpr size_t kMostBytes = 8192;
  std::vector<std::pair<absl::string_view, std::string>> picked;
  if (header.size() > kMostBytes) return picked;
  for (const absl::string_view entry : absl::StrSplit(header, ',')) {
    // What follows ';' are properties of the entry.
    const absl::string_view pair = entry.substr(0, entry.find(';'));
    const size_t equals = pair.find('=');
    if (equals == absl::string_view::npos) continue;
    const absl::string_view name =
        absl::StripAsciiWhitespace(pair.substr(0, equals));
    if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) continue;
    picked.emplace_back(
        KeptName(absl::StrCat("baggage.", name)),
        PercentDecoded(absl::StripAsciiWhitespace(pair.substr(equals + 1))));
  }
  return picked;
}

}  // namespace outrigger::telemetry
