// A cursor over protobuf's wire format that allocates nothing.
#ifndef OUTRIGGER_RPC_WIRE_WIRE_READER_H_
#define OUTRIGGER_RPC_WIRE_WIRE_READER_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace outrigger::rpc {

// How a field's value is encoded; the low three bits of its tag.
enum class WireType : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kStartGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5,
};

// Reads one message. Every Read returns false at the end of the message or at
// bytes that are no message; then nothing more may be read, and ok() tells
// which it was.
class WireReader {
 public:
  // `depth`: how many messages and groups may still be nested in this one.
  explicit WireReader(absl::string_view bytes, int depth = 100)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()), depth_(depth) {}

  // True if all bytes were read, and were a message.
  bool ok() const { return !broken_ && at_ == end_; }

  // The next field's tag.
  bool ReadTag(uint32_t* number, WireType* type) {
    if (at_ == end_) return false;
    const char* const start = at_;
    uint64_t value;
    if (!ReadVarint(&value)) return false;
    // Like protobuf: at most five bytes, of which 32 bits count.
    const auto tag = static_cast<uint32_t>(value);
    *number = tag >> 3;
    *type = static_cast<WireType>(tag & 7);
    if (at_ - start > 5 || *number == 0) return Break();
    return true;
  }

  bool ReadVarint(uint64_t* value) {
    if (at_ != end_ && static_cast<uint8_t>(*at_) < 0x80) {
      *value = static_cast<uint8_t>(*at_++);
      return true;
    }
    return ReadLongVarint(value);
  }

  bool ReadBytes(absl::string_view* bytes) {
    uint64_t size;
    if (!ReadVarint(&size)) return false;
    if (size > static_cast<uint64_t>(end_ - at_)) return Break();
    *bytes = absl::string_view(at_, size);
    at_ += size;
    return true;
  }

  // Skips the value of a field whose tag was just read.
  bool Skip(uint32_t number, WireType type);

  // A reader for a nested message; broken if it is nested too deep.
  WireReader Nested(absl::string_view bytes) const {
    WireReader nested(bytes, depth_ - 1);
    if (depth_ == 0) nested.Break();
    return nested;
  }

 private:
  bool Break() {
    broken_ = true;
    return false;
  }
  bool ReadLongVarint(uint64_t* value);
  bool SkipGroup(uint32_t number);
  bool Advance(int64_t bytes) {
    if (bytes > end_ - at_) return Break();
    at_ += bytes;
    return true;
  }

  const char* at_;
  const char* end_;
  int depth_;
  bool broken_ = false;
};

// Whether the bytes are UTF-8 as protobuf wants it: no overlong forms, no
// surrogates, nothing above U+10FFFF.
bool IsUtf8(absl::string_view bytes);

// The value of a string field. False, too, if it is not UTF-8.
inline bool ReadText(WireReader& reader, absl::string_view* text) {
  return reader.ReadBytes(text) && IsUtf8(*text);
}

// Merges a google.protobuf.Duration, which is all of `reader`, into what the
// two hold. They may be out of range.
bool ReadDuration(WireReader reader, int64_t* seconds, int32_t* nanos);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_WIRE_WIRE_READER_H_
