#include "rpc/wire/wire_reader.h"

#include <cstring>

namespace outrigger::rpc {

bool WireReader::ReadLongVarint(uint64_t* value) {
  uint64_t result = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (at_ == end_) return Break();
    const auto byte = static_cast<uint8_t>(*at_++);
    // Of a tenth byte only the lowest bit fits; the rest is dropped.
    if (shift < 64) result |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *value = result;
      return true;
    }
  }
  return Break();
}

bool WireReader::Skip(uint32_t number, WireType type) {
  uint64_t ignored;
  absl::string_view bytes;
  switch (type) {
    case WireType::kVarint:
      return ReadVarint(&ignored);
    case WireType::kFixed64:
      return Advance(8);
    case WireType::kBytes:
      return ReadBytes(&bytes);
    case WireType::kStartGroup:
      return SkipGroup(number);
    case WireType::kFixed32:
      return Advance(4);
    case WireType::kEndGroup:  // of a group that has not begun
      break;
  }
  return Break();
}

bool WireReader::SkipGroup(uint32_t number) {
  if (depth_-- == 0) return Break();
  uint32_t inner;
  WireType type;
  while (ReadTag(&inner, &type)) {
    if (type == WireType::kEndGroup) {
      ++depth_;
      return inner == number || Break();
    }
    if (!Skip(inner, type)) return false;
  }
  return Break();  // the message ended within the group
}

namespace {

// The length of the sequence at the front of `bytes`, 0 if it is none.
size_t SequenceLength(absl::string_view bytes) {
  const auto byte = [&bytes](size_t i) {
    return static_cast<uint8_t>(bytes[i]);
  };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first < 0xc2   ? 0
                        : first < 0xe0 ? 2
                        : first < 0xf0 ? 3
                        : first < 0xf5 ? 4
                                       : 0;
  if (length == 0 || bytes.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const uint8_t second = byte(1);
  if (first == 0xe0 && second < 0xa0) return 0;  // overlong
  if (first == 0xed && second > 0x9f) return 0;  // surrogates
  if (first == 0xf0 && second < 0x90) return 0;  // overlong
  if (first == 0xf4 && second > 0x8f) return 0;  // above U+10FFFF
  return length;
}

}  // namespace

bool ReadDuration(WireReader reader, int64_t* seconds, int32_t* nanos) {
  uint32_t number;
  WireType type;
  uint64_t value;
  while (reader.ReadTag(&number, &type)) {
    if ((number == 1 || number == 2) && type == WireType::kVarint) {
      if (!reader.ReadVarint(&value)) return false;
      if (number == 1) {
        *seconds = static_cast<int64_t>(value);
      } else {
        *nanos = static_cast<int32_t>(value);
      }
    } else if (!reader.Skip(number, type)) {
      return false;
    }
  }
  return reader.ok();
}

bool IsUtf8(absl::string_view bytes) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  while (!bytes.empty()) {
    uint64_t word;
    if (bytes.size() >= sizeof(word)) {  // eight ASCII bytes at a time
      std::memcpy(&word, bytes.data(), sizeof(word));
      if ((word & kHighBits) == 0) {
        bytes.remove_prefix(sizeof(word));
        continue;
      }
    }
    const size_t length = SequenceLength(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

}  // namespace outrigger::rpc
