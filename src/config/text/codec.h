// How one value is read from a text, and written back.
#ifndef OUTRIGGER_CONFIG_TEXT_CODEC_H_
#define OUTRIGGER_CONFIG_TEXT_CODEC_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "config/text/problem.h"

namespace outrigger::config {

// `parse` gives kInvalidArgument, saying what is allowed, for texts that are
// malformed or out of range. parse(format(v)) == v for all v in range.
template <typename Value>
struct Codec {
  std::function<absl::StatusOr<Value>(absl::string_view)> parse;
  std::function<std::string(const Value&)> format;
};

// "true" or "false".
Codec<bool> Flag();

// A whole decimal number from `least` to `most`.
Codec<int64_t> Whole(int64_t least, int64_t most);

// A plain decimal number (see ParseNumber) from `least` to `most`.
Codec<double> Number(double least, double most);

// See ParseDuration; from `least` to `most`.
Codec<Duration> Time(Duration least, Duration most);

// See ParseByteSize; in bytes, from `least` to `most`.
Codec<int64_t> Size(int64_t least, int64_t most);

// Any text of at most `most` bytes; not empty.
Codec<std::string> Text(size_t most);

// The same, or the word "off", which is the empty string.
Codec<std::string> OrOff(Codec<std::string> codec);

// One of some words.
template <typename Value>
Codec<Value> Choice(std::vector<std::pair<std::string, Value>> words) {
  return Codec<Value>{
      .parse = [words](absl::string_view text) -> absl::StatusOr<Value> {
        std::vector<std::string> names;
        for (const auto& [name, value] : words) {
          if (name == text) return value;
          names.push_back(name);
        }
        return absl::InvalidArgumentError(absl::StrCat(
            Quote(text), " is not one of ", absl::StrJoin(names, ", ")));
      },
      .format = [words](const Value& value) -> std::string {
        for (const auto& [name, known] : words) {
          if (known == value) return name;
        }
        return "";
      }};
}

// The same, for a number of another type that holds all values in range.
template <typename To, typename From>
Codec<To> Cast(Codec<From> codec) {
  return Codec<To>{
      .parse = [codec](absl::string_view text) -> absl::StatusOr<To> {
        absl::StatusOr<From> value = codec.parse(text);
        if (!value.ok()) return value.status();
        return static_cast<To>(*value);
      },
      .format =
          [codec](const To& value) {
            return codec.format(static_cast<From>(value));
          }};
}

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_TEXT_CODEC_H_
