#include "redis/wire/key_name.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace outrigger::redis {

std::string EscapeName(absl::string_view name, char also) {
  std::string escaped;
  for (const char c : name) {
    if (c > ' ' && c < '\x7f' && c != '%' && c != '{' && c != '}' &&
        c != also) {
      escaped.push_back(c);
    } else {
      absl::StrAppend(&escaped, "%",
                      absl::Hex(static_cast<uint8_t>(c), absl::kZeroPad2));
    }
  }
  return escaped;
}

std::optional<std::string> UnescapeName(absl::string_view escaped) {
  std::string name;
  while (!escaped.empty()) {
    if (escaped.front() != '%') {
      name.push_back(escaped.front());
      escaped.remove_prefix(1);
      continue;
    }
    if (escaped.size() < 3 || !absl::ascii_isxdigit(escaped[1]) ||
        !absl::ascii_isxdigit(escaped[2])) {
      return std::nullopt;
    }
    name += absl::HexStringToBytes(escaped.substr(1, 2));
    escaped.remove_prefix(3);
  }
  return name;
}

}  // namespace outrigger::redis
