// How a cache's values become bytes, and values again.
#ifndef OUTRIGGER_CODEC_H_
#define OUTRIGGER_CODEC_H_

#include <concepts>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace outrigger::client {

// Specialize it for other types, or give an object with the same two functions
// to Cache's methods:
//
//   template <>
//   struct outrigger::client::Codec<User> {
//     absl::StatusOr<std::string> Encode(const User& user) const;
//     absl::StatusOr<User> Decode(const std::string& bytes) const;
//   };
//
// A value that cannot be decoded is loaded anew, and one that cannot be encoded
// is not stored. Both are called on any thread.
template <class T>
struct Codec;

// Text and bytes, as they are.
template <>
struct Codec<std::string> {
  absl::StatusOr<std::string> Encode(const std::string& value) const {
    return value;
  }
  absl::StatusOr<std::string> Decode(const std::string& bytes) const {
    return bytes;
  }
};

// Protocol buffers.
template <class T>
requires requires(T value, const T& constant, std::string bytes) {
  { constant.SerializeToString(&bytes) } -> std::same_as<bool>;
  { value.ParseFromString(bytes) } -> std::same_as<bool>;
}
struct Codec<T> {
  absl::StatusOr<std::string> Encode(const T& value) const {
    std::string bytes;
    if (value.SerializeToString(&bytes)) return bytes;
    return absl::InvalidArgumentError("the message cannot be serialized");
  }
  absl::StatusOr<T> Decode(const std::string& bytes) const {
    T value;
    if (value.ParseFromString(bytes)) return value;
    return absl::DataLossError("these bytes are not such a message");
  }
};

}  // namespace outrigger::client

#endif  // OUTRIGGER_CODEC_H_
