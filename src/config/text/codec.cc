#include "config/text/codec.h"

#include "absl/strings/numbers.h"
#include "config/text/byte_size.h"
#include "config/text/duration.h"
#include "config/text/number.h"

namespace outrigger::config {
namespace {

// `codec`, with values outside `least` to `most` refused.
template <typename Value>
Codec<Value> Bounded(Codec<Value> codec, Value least, Value most) {
  auto parse = codec.parse;
  const std::string range =
      absl::StrCat(codec.format(least), " to ", codec.format(most));
  codec.parse = [parse, least, most,
                 range](absl::string_view text) -> absl::StatusOr<Value> {
    absl::StatusOr<Value> value = parse(text);
    if (value.ok() && (*value < least || *value > most)) {
      return absl::InvalidArgumentError(
          absl::StrCat(Quote(text), " is out of range; allowed: ", range));
    }
    return value;
  };
  return codec;
}

absl::StatusOr<int64_t> ParseWhole(absl::string_view text) {
  int64_t value = 0;
  if (text.find_first_not_of("-0123456789") != absl::string_view::npos ||
      !absl::SimpleAtoi(text, &value)) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quote(text), " is not a whole number"));
  }
  return value;
}

}  // namespace

Codec<bool> Flag() { return Choice<bool>({{"true", true}, {"false", false}}); }

Codec<int64_t> Whole(int64_t least, int64_t most) {
  return Bounded<int64_t>(
      {.parse = ParseWhole,
       .format = [](const int64_t& value) { return absl::StrCat(value); }},
      least, most);
}

Codec<double> Number(double least, double most) {
  return Bounded<double>(
      {.parse = ParseNumber,
       .format = [](const double& value) { return FormatNumber(value); }},
      least, most);
}

Codec<Duration> Time(Duration least, Duration most) {
  return Bounded<Duration>(
      {.parse = ParseDuration,
       .format = [](const Duration& value) { return FormatDuration(value); }},
      least, most);
}

Codec<int64_t> Size(int64_t least, int64_t most) {
  return Bounded<int64_t>(
      {.parse = ParseByteSize,
       .format = [](const int64_t& value) { return FormatByteSize(value); }},
      least, most);
}

Codec<std::string> Text(size_t most) {
  return Codec<std::string>{
      .parse = [most](absl::string_view text) -> absl::StatusOr<std::string> {
        if (text.empty() || text.size() > most) {
          return absl::InvalidArgumentError(
              absl::StrCat("must have 1 to ", most, " bytes"));
        }
        return std::string(text);
      },
      .format = [](const std::string& value) { return value; }};
}

Codec<std::string> OrOff(Codec<std::string> codec) {
  return {
      .parse = [codec](absl::string_view text) -> absl::StatusOr<std::string> {
        if (text == "off") return "";
        return codec.parse(text);
      },
      .format =
          [](const std::string& value) {
            return value.empty() ? "off" : value;
          }};
}

}  // namespace outrigger::config
