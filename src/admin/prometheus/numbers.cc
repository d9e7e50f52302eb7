#include "admin/prometheus/numbers.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "absl/strings/str_format.h"

namespace outrigger::admin {
namespace {

template <typename Number>
void Append(Number value, std::string& out) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  out.append(digits, end);
}

}  // namespace

void AppendNumber(int64_t value, std::string& out) { Append(value, out); }
void AppendNumber(uint64_t value, std::string& out) { Append(value, out); }

void AppendNumber(double value, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    Append(value, out);
  }
}

std::string BoundText(double bound) {
  constexpr int kMostDigits = 17;
  std::string text;
  for (int digits = 1; digits <= kMostDigits; ++digits) {
    text = absl::StrFormat("%.*g", digits, bound);
    if (std::strtod(text.c_str(), nullptr) == bound) break;
  }
  // %g turns to an exponent as soon as the digits asked for do not reach the
  // point; canonical is one only from 1e+16 on.
  if (std::fabs(bound) >= 1 && std::fabs(bound) < 1e16 &&
      text.find('e') != std::string::npos) {
    text = absl::StrFormat("%.0f", bound);
  }
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

void AppendEscaped(absl::string_view text, bool quotes, std::string& out) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || (quotes && c == '"')) out += '\\';
    out += c;
  }
}

}  // namespace outrigger::admin
