#include "otlp/encode/attributes.h"

#include <algorithm>
#include <type_traits>
#include <variant>

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

// Whether attribute `i` has a later one with its key.
bool IsReplaced(const telemetry::SpanAttributes& attributes, size_t i) {
  for (size_t later = i + 1; later < attributes.size(); ++later) {
    if (attributes[later].key == attributes[i].key) return true;
  }
  return false;
}

}  // namespace

std::string Clean(absl::string_view text, size_t most) {
  if (text.size() <= most && IsAscii(text)) return std::string(text);
  std::string clean;
  while (!text.empty()) {
    const size_t size = CharacterAt(text);
    if (clean.size() + std::max<size_t>(size, 1) > most) break;
    if (size == 0) {
      clean += '?';
    } else {
      clean.append(text.data(), size);
    }
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return clean;
}

void AddText(absl::string_view key, absl::string_view value, KeyValues& out) {
  auto* attribute = out.Add();
  attribute->set_key(key.data(), key.size());
  attribute->mutable_value()->set_string_value(
      Clean(value, ItemLimits::kUnlimited));
}

uint32_t AddAttributes(const telemetry::SpanAttributes& attributes,
                       const ItemLimits& limits, KeyValues& out) {
  uint32_t left_out = 0;
  for (size_t i = 0; i < attributes.size(); ++i) {
    if (IsReplaced(attributes, i)) continue;
    if (static_cast<uint32_t>(out.size()) >= limits.attributes) {
      ++left_out;
      continue;
    }
    auto* attribute = out.Add();
    attribute->set_key(attributes[i].key.data(), attributes[i].key.size());
    auto* value = attribute->mutable_value();
    std::visit(
        [value, &limits](const auto& given) {
          using Given = std::decay_t<decltype(given)>;
          if constexpr (std::is_same_v<Given, bool>) {
            value->set_bool_value(given);
          } else if constexpr (std::is_same_v<Given, int64_t>) {
            value->set_int_value(given);
          } else if constexpr (std::is_same_v<Given, double>) {
            value->set_double_value(given);
          } else {
            value->set_string_value(Clean(given, limits.value_length));
          }
        },
        attributes[i].value);
  }
  return left_out;
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
