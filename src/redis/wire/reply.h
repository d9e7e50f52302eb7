// What a Redis server answered, as a value.
#ifndef OUTRIGGER_REDIS_WIRE_REPLY_H_
#define OUTRIGGER_REDIS_WIRE_REPLY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace outrigger::redis {

// One reply of the RESP2 protocol. Owns its bytes.
struct Reply {
  enum class Type : uint8_t {
    kNil,
    kInteger,
    kString,
    kStatus,
    kError,
    kArray
  };

  Type type = Type::kNil;
  // kInteger only.
  int64_t integer = 0;
  // kString (any bytes), kStatus ("OK") and kError ("ERR …").
  std::string text;
  // kArray only.
  std::vector<Reply> elements;

  bool IsNil() const { return type == Type::kNil; }
  bool IsInteger() const { return type == Type::kInteger; }
  bool IsString() const { return type == Type::kString; }
  bool IsError() const { return type == Type::kError; }
  bool IsArray() const { return type == Type::kArray; }
  bool IsStatus(absl::string_view expected) const {
    return type == Type::kStatus && text == expected;
  }
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_WIRE_REPLY_H_
