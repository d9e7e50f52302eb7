#include "admin/http/target.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace outrigger::admin {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = absl::ascii_tolower(static_cast<unsigned char>(c));
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool Unescape(absl::string_view text, bool plus_is_blank, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return false;
      const int high = HexDigit(text[i + 1]);
      const int low = HexDigit(text[i + 2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_blank) {
      c = ' ';
    }
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) return false;
    out += c;
  }
  return true;
}

bool ParseQuery(absl::string_view text, Target& target) {
  for (const absl::string_view pair :
       absl::StrSplit(text, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(pair, absl::MaxSplits('=', 1));
    auto& [name, value] = target.query.emplace_back();
    if (!Unescape(parts.first, true, name)) return false;
    if (!Unescape(parts.second, true, value)) return false;
  }
  return true;
}

}  // namespace

bool ParseTarget(absl::string_view text, Target& target) {
  for (const absl::string_view scheme : {"http://", "https://"}) {
    if (!absl::StartsWithIgnoreCase(text, scheme)) continue;
    text.remove_prefix(scheme.size());
    const size_t end = std::min(text.find_first_of("/?"), text.size());
    target.authority = std::string(text.substr(0, end));
    text.remove_prefix(end);
    if (target.authority.empty()) return false;
    if (text.empty()) text = "/";
  }
  if (!absl::StartsWith(text, "/")) return false;
  const size_t mark = text.find('?');
  if (!Unescape(text.substr(0, mark), false, target.path)) return false;
  return mark == absl::string_view::npos ||
         ParseQuery(text.substr(mark + 1), target);
}

}  // namespace outrigger::admin
