// Appends fields of a protobuf message to a string. As proto3 has it, a scalar
// that is zero or empty is left out. Field numbers must be 1 to 15.
#ifndef OUTRIGGER_RPC_WIRE_WIRE_WRITER_H_
#define OUTRIGGER_RPC_WIRE_WIRE_WRITER_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "base/clock.h"

namespace outrigger::rpc {

inline void AppendVarint(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) {
    out->push_back(static_cast<char>(value | 0x80));
  }
  out->push_back(static_cast<char>(value));
}

inline void AppendUint(int field, uint64_t value, std::string* out) {
  if (value == 0) return;
  out->push_back(static_cast<char>(field << 3));
  AppendVarint(value, out);
}

inline void AppendBool(int field, bool value, std::string* out) {
  AppendUint(field, value ? 1 : 0, out);
}

inline void AppendText(int field, absl::string_view text, std::string* out) {
  if (text.empty()) return;
  out->push_back(static_cast<char>(field << 3 | 2));
  AppendVarint(text.size(), out);
  out->append(text.data(), text.size());
}

// A nested message, whose fields `append` appends. Unlike a scalar it is there
// even if it is empty.
template <typename Append>
void AppendMessage(int field, std::string* out, Append append) {
  out->push_back(static_cast<char>(field << 3 | 2));
  const size_t length_at = out->size();
  out->push_back('\0');
  append();
  const size_t size = out->size() - length_at - 1;
  if (size < 0x80) {
    (*out)[length_at] = static_cast<char>(size);
    return;
  }
  std::string length;  // rare: only answers with many statuses
  AppendVarint(size, &length);
  out->replace(length_at, 1, length);
}

// A google.protobuf.Duration, of at least 0.
inline void AppendDuration(int field, Duration duration, std::string* out) {
  AppendMessage(field, out, [duration, out] {
    const int64_t nanos = duration.count();
    AppendUint(1, static_cast<uint64_t>(nanos / 1'000'000'000), out);
    AppendUint(2, static_cast<uint64_t>(nanos % 1'000'000'000), out);
  });
}

// The same, of microseconds.
inline void AppendMicros(int field, int64_t micros, std::string* out) {
  AppendMessage(field, out, [micros, out] {
    AppendUint(1, static_cast<uint64_t>(micros / 1'000'000), out);
    AppendUint(2, static_cast<uint64_t>(micros % 1'000'000 * 1000), out);
  });
}

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_WIRE_WIRE_WRITER_H_
