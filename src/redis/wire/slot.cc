#include "redis/wire/slot.h"

#include <array>
#include <vector>

namespace outrigger::redis {
namespace {

constexpr std::array<uint16_t, 256> MakeCrcTable() {
  std::array<uint16_t, 256> table{};
  for (int byte = 0; byte < 256; ++byte) {
    uint16_t crc = static_cast<uint16_t>(byte << 8);
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<uint16_t>((crc & 0x8000) ? (crc << 1) ^ 0x1021
                                                 : crc << 1);
    }
    table[byte] = crc;
  }
  return table;
}

uint16_t Crc16(absl::string_view bytes) {
  static constexpr std::array<uint16_t, 256> kTable = MakeCrcTable();
  uint16_t crc = 0;
  for (const char c : bytes) {
    const uint8_t index =
        static_cast<uint8_t>((crc >> 8) ^ static_cast<uint8_t>(c));
    crc = static_cast<uint16_t>((crc << 8) ^ kTable[index]);
  }
  return crc;
}

std::vector<std::string>* MakeTags() {
  auto* tags = new std::vector<std::string>(kSlots);
  int missing = kSlots;
  for (uint32_t number = 0; missing > 0; ++number) {
    std::string text = std::to_string(number);
    std::string& tag = (*tags)[Crc16(text) % kSlots];
    if (!tag.empty()) continue;
    tag = std::move(text);
    --missing;
  }
  return tags;
}

}  // namespace

uint16_t KeySlot(absl::string_view key) {
  const size_t open = key.find('{');
  if (open != absl::string_view::npos) {
    const size_t close = key.find('}', open + 1);
    if (close != absl::string_view::npos && close > open + 1) {
      key = key.substr(open + 1, close - open - 1);
    }
  }
  return Crc16(key) % kSlots;
}

const std::string& TagOfSlot(uint16_t slot) {
  static const std::vector<std::string>* const tags = MakeTags();
  return (*tags)[slot];
}

}  // namespace outrigger::redis
