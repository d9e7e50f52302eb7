// Writes JSON (RFC 8259), for the log, the admin pages and the analyser.
//
// Hand-written: a writer needs no tree, and a library's header would cost every
// file that includes it more to compile than this costs to read.
#ifndef OUTRIGGER_BASE_JSON_H_
#define OUTRIGGER_BASE_JSON_H_

#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>

#include "absl/strings/string_view.h"

namespace outrigger {

// `text` in quotes, escaped. Bytes that are not UTF-8 become U+FFFD.
void AppendJsonString(absl::string_view text, std::string& out);

// The shortest text that is read back to the same number; NaN and infinite
// ones are null.
void AppendJsonNumber(double number, std::string& out);
void AppendJsonNumber(float number, std::string& out);

// Puts commas and quotes where they belong. The caller opens, closes and names
// in the right order. Not thread-safe.
//
//     JsonWriter json;
//     json.BeginObject().Field("name", "a").BeginArray("values").Value(1.5);
//     json.EndArray().EndObject();
//     std::string text = std::move(json).Take();
class JsonWriter {
 public:
  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  // The name of what follows, in an object.
  JsonWriter& Key(absl::string_view name);
  JsonWriter& Null();

  JsonWriter& BeginObject(absl::string_view name) {
    return Key(name).BeginObject();
  }
  JsonWriter& BeginArray(absl::string_view name) {
    return Key(name).BeginArray();
  }

  // A truth value, a number or a text.
  template <typename T>
  JsonWriter& Value(const T& value) {
    Separate();
    if constexpr (std::is_same_v<T, bool>) {
      out_ += value ? "true" : "false";
    } else if constexpr (std::is_integral_v<T>) {
      out_ += std::to_string(value);
    } else if constexpr (std::is_floating_point_v<T>) {
      AppendJsonNumber(value, out_);
    } else {
      AppendJsonString(value, out_);
    }
    return *this;
  }
  template <typename T>
  JsonWriter& Field(absl::string_view name, const T& value) {
    return Key(name).Value(value);
  }

  std::string Take() && { return std::move(out_); }

 private:
  void Separate();

  std::string out_;
  bool first_ = true;  // nothing stands before in this object or array
};

}  // namespace outrigger

#endif  // OUTRIGGER_BASE_JSON_H_
