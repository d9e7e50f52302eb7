// protobuf's wire format, written by hand: for spans, which may be sent by the
// ten thousand a second. The generated classes take several times as long.
#ifndef OUTRIGGER_OTLP_ENCODE_WIRE_H_
#define OUTRIGGER_OTLP_ENCODE_WIRE_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace outrigger::otlp {

// Appends fields to a string. Nothing is left out: what proto3 does not send,
// such as zeroes, the caller must not write.
class WireWriter {
 public:
  // `out` must outlive the writer.
  explicit WireWriter(std::string& out) : out_(out) {}

  // Bytes that `value` takes as a varint.
  static size_t VarintSize(uint64_t value) {
    return (static_cast<size_t>(std::bit_width(value | 1)) + 6) / 7;
  }
  // Bytes of a field up to 15 with `size` bytes of content.
  static size_t FieldSize(size_t size) { return 1 + VarintSize(size) + size; }

  void Varint(int field, uint64_t value) {
    Tag(field, kVarint);
    Raw(value);
  }
  void Fixed32(int field, uint32_t value) {
    Tag(field, kFixed32);
    LittleEndian(value);
  }
  void Fixed64(int field, uint64_t value) {
    Tag(field, kFixed64);
    LittleEndian(value);
  }
  void Double(int field, double value) {
    Fixed64(field, std::bit_cast<uint64_t>(value));
  }
  // A string, bytes, or a message that is encoded already.
  void Bytes(int field, absl::string_view value) {
    Length(field, value.size());
    out_.append(value.data(), value.size());
  }
  // The start of a message whose `size` bytes are written next.
  void Length(int field, size_t size) {
    Tag(field, kLength);
    Raw(size);
  }

 private:
  static constexpr uint32_t kVarint = 0;
  static constexpr uint32_t kFixed64 = 1;
  static constexpr uint32_t kLength = 2;
  static constexpr uint32_t kFixed32 = 5;

  void Tag(int field, uint32_t type) {
    Raw(static_cast<uint32_t>(field) << 3 | type);
  }
  void Raw(uint64_t value) {
    for (; value >= 0x80; value >>= 7) {
      out_ += static_cast<char>(value | 0x80);
    }
    out_ += static_cast<char>(value);
  }
  template <typename Number>
  void LittleEndian(Number value) {
    char bytes[sizeof(value)];
    for (char& byte : bytes) {
      byte = static_cast<char>(value);
      value >>= 8;
    }
    out_.append(bytes, sizeof(bytes));
  }

  std::string& out_;
};

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_ENCODE_WIRE_H_
