#include "core/text.h"

#include <cstddef>
#include <cstdint>

namespace outrigger::client::internal {
namespace {

// The length of the character that begins `bytes`; 0: it is none.
std::size_t CharacterLength(absl::string_view bytes) {
  const auto at = [bytes](std::size_t i) {
    return i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0;
  };
  const auto follows = [&at](std::size_t i) { return (at(i) & 0xc0) == 0x80; };
  const std::uint8_t first = at(0);
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return follows(1) ? 2 : 0;
  if (first < 0xf0) {
    const bool overlong = first == 0xe0 && at(1) < 0xa0;
    const bool surrogate = first == 0xed && at(1) > 0x9f;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  const bool overlong = first == 0xf0 && at(1) < 0x90;
  const bool too_large = first > 0xf4 || (first == 0xf4 && at(1) > 0x8f);
  return follows(1) && follows(2) && follows(3) && !overlong && !too_large ? 4
                                                                           : 0;
}

}  // namespace

bool IsText(absl::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = CharacterLength(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

}  // namespace outrigger::client::internal
