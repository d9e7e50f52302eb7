// Reads OTEL_* variables as OpenTelemetry's specification wants it: an empty
// one is unset, and one that cannot be understood is as good as unset, with a
// warning.
#ifndef OUTRIGGER_CONFIG_OTEL_READER_H_
#define OUTRIGGER_CONFIG_OTEL_READER_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "config/environment.h"
#include "config/text/problem.h"
#include "otlp/options.h"

namespace outrigger::config {

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

// Reads "name=value" pairs with commas between them; values are
// percent-encoded. Unset if any is malformed.
std::optional<NamedTexts> ParseNamedTexts(absl::string_view text);

// A name for HTTP and gRPC metadata: lower-case letters, digits, '-', '_', '.'.
bool IsHeaderName(absl::string_view name);

// "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT" for the signal's own TIMEOUT.
std::string OwnVariable(otlp::Signal signal, absl::string_view what);

// Both must outlive the reader.
class OtelReader {
 public:
  OtelReader(const Environment& environment, Problems& problems)
      : environment_(environment), problems_(problems) {}

  // Without white space around it.
  std::optional<std::string> Text(const std::string& name) const;
  // "true" or "false", in any case.
  std::optional<bool> Flag(const std::string& name);
  std::optional<int64_t> Whole(const std::string& name, int64_t least,
                               int64_t most);
  // In milliseconds; at most a day.
  std::optional<Duration> Millis(const std::string& name, int64_t least);
  // One of some words, in any case.
  template <typename Value>
  std::optional<Value> Word(
      const std::string& name,
      const std::vector<std::pair<std::string, Value>>& words);

  // Once, however often the variable is looked at.
  void Warn(const std::string& name, absl::string_view message);

 private:
  const Environment& environment_;
  Problems& problems_;
  std::set<std::string> warned_;
};

template <typename Value>
std::optional<Value> OtelReader::Word(
    const std::string& name,
    const std::vector<std::pair<std::string, Value>>& words) {
  const std::optional<std::string> text = Text(name);
  if (!text.has_value()) return std::nullopt;
  const std::string lower = absl::AsciiStrToLower(*text);
  std::vector<std::string> known;
  for (const auto& [word, value] : words) {
    if (word == lower) return value;
    known.push_back(word);
  }
  Warn(name, absl::StrCat(Quote(*text), " is not one of ",
                          absl::StrJoin(known, ", "), "; ignored"));
  return std::nullopt;
}

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_OTEL_READER_H_
