#include "admin/http/message.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace outrigger::admin {
namespace {

std::optional<absl::string_view> FirstOf(
    const std::vector<std::pair<std::string, std::string>>& pairs,
    absl::string_view name) {
  for (const auto& [key, value] : pairs) {
    if (key == name) return value;
  }
  return std::nullopt;
}

// Bytes of the UTF-8 character that `text` begins with; 0 if there is none.
size_t CharacterLength(absl::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  if (byte(0) < 0x80) return 1;
  const size_t length = byte(0) >= 0xF0   ? 4
                        : byte(0) >= 0xE0 ? 3
                        : byte(0) >= 0xC2 ? 2
                                          : 0;
  if (length == 0 || byte(0) > 0xF4 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Neither longer than needed, nor a surrogate, nor above U+10FFFF.
  const uint8_t second = byte(1);
  const bool bad = (byte(0) == 0xE0 && second < 0xA0) ||
                   (byte(0) == 0xED && second >= 0xA0) ||
                   (byte(0) == 0xF0 && second < 0x90) ||
                   (byte(0) == 0xF4 && second >= 0x90);
  return bad ? 0 : length;
}

}  // namespace

std::optional<absl::string_view> Request::HeaderOf(
    absl::string_view name) const {
  return FirstOf(headers, name);
}

std::optional<absl::string_view> Request::QueryOf(
    absl::string_view name) const {
  return FirstOf(query, name);
}

Response ErrorResponse(int status, absl::string_view message) {
  return {.status = status,
          .content_type = kJson,
          .body = absl::StrCat("{\"error\": ", JsonQuote(message), "}\n")};
}

std::string JsonQuote(absl::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    const char c = text[0];
    if (length == 0) {
      quoted += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) {
      absl::StrAppendFormat(&quoted, "\\u%04x", c);
    } else {
      quoted.append(text.data(), length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return quoted + '"';
}

}  // namespace outrigger::admin
