#include "otlp/encode/attributes.h"

#include <algorithm>

namespace outrigger::otlp {
namespace {

// Bytes of the well-formed character that `text` starts with; 0 if it starts
// with none. RFC 3629: no overlong forms, no surrogates, nothing above
// U+10FFFF.
size_t CharacterAt(absl::string_view text) {
  const auto byte = [text](size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  unsigned least = 0x80;
  unsigned most = 0xBF;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  if (lead == 0xE0) least = 0xA0;
  if (lead == 0xED) most = 0x9F;
  if (lead == 0xF0) least = 0x90;
  if (lead == 0xF4) most = 0x8F;
  if (byte(1) < least || byte(1) > most) return 0;
  for (size_t i = 2; i < size; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  return size;
}

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80;
  });
}

}  // namespace

absl::string_view Clean(absl::string_view text, size_t most,
                        std::string& scratch) {
  if (text.size() <= most && IsAscii(text)) return text;
  scratch.clear();
  while (!text.empty()) {
    const size_t size = CharacterAt(text);
    if (scratch.size() + std::max<size_t>(size, 1) > most) break;
    if (size == 0) {
      scratch += '?';
    } else {
      scratch.append(text.data(), size);
    }
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return scratch;
}

std::string Clean(absl::string_view text, size_t most) {
  std::string scratch;
  return std::string(Clean(text, most, scratch));
}

void AddText(absl::string_view key, absl::string_view value, KeyValues& out) {
  auto* attribute = out.Add();
  attribute->set_key(key.data(), key.size());
  attribute->mutable_value()->set_string_value(
      Clean(value, ItemLimits::kUnlimited));
}

void AddAttributes(const telemetry::Attributes& attributes, KeyValues& out) {
  for (const auto& [key, value] : attributes) {
    if (key == telemetry::kOverflowAttribute) {
      auto* attribute = out.Add();
      attribute->set_key(key);
      attribute->mutable_value()->set_bool_value(true);
    } else {
      AddText(key, value, out);
    }
  }
}

}  // namespace outrigger::otlp
