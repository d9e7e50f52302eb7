// Protocol buffers' wire format, as far as a profile needs it.
#ifndef OUTRIGGER_ADMIN_PROFILE_PROTO_WRITER_H_
#define OUTRIGGER_ADMIN_PROFILE_PROTO_WRITER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace outrigger::admin {

// One message. A value.
class ProtoWriter {
 public:
  void Number(int field, uint64_t value) {
    AppendVarint(static_cast<uint64_t>(field) << 3);
    AppendVarint(value);
  }
  void Bytes(int field, absl::string_view value) {
    AppendVarint(static_cast<uint64_t>(field) << 3 | 2);
    AppendVarint(value.size());
    bytes_.append(value.data(), value.size());
  }
  void Message(int field, const ProtoWriter& message) {
    Bytes(field, message.bytes_);
  }
  void Packed(int field, const std::vector<uint64_t>& values) {
    ProtoWriter packed;
    for (const uint64_t value : values) packed.AppendVarint(value);
    Message(field, packed);
  }

  const std::string& bytes() const { return bytes_; }

 private:
  void AppendVarint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) {
      bytes_ += static_cast<char>(value | 0x80);
    }
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_PROFILE_PROTO_WRITER_H_
