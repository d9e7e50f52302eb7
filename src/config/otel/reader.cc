#include "config/otel/reader.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace outrigger::config {
namespace {

constexpr int64_t kMillisOfDay = 24 * 3600 * 1000;

std::optional<std::string> PercentDecode(absl::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    if (text[0] != '%') {
      decoded += text[0];
      text.remove_prefix(1);
      continue;
    }
    uint32_t byte = 0;
    if (text.size() < 3 || !absl::ascii_isxdigit(text[1]) ||
        !absl::SimpleHexAtoi(text.substr(1, 2), &byte)) {
      return std::nullopt;
    }
    decoded += static_cast<char>(byte);
    text.remove_prefix(3);
  }
  return decoded;
}

}  // namespace

std::optional<NamedTexts> ParseNamedTexts(absl::string_view text) {
  NamedTexts all;
  for (absl::string_view entry :
       absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    const size_t equals = entry.find('=');
    if (equals == absl::string_view::npos) return std::nullopt;
    const absl::string_view name =
        absl::StripAsciiWhitespace(entry.substr(0, equals));
    const std::optional<std::string> value =
        PercentDecode(absl::StripAsciiWhitespace(entry.substr(equals + 1)));
    if (name.empty() || !value.has_value()) return std::nullopt;
    all.emplace_back(std::string(name), *value);
  }
  return all;
}

bool IsHeaderName(absl::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' ||
           c == '_' || c == '.';
  });
}

std::string OwnVariable(otlp::Signal signal, absl::string_view what) {
  const char* name = "LOGS";
  if (signal == otlp::Signal::kTraces) name = "TRACES";
  if (signal == otlp::Signal::kMetrics) name = "METRICS";
  return absl::StrCat("OTEL_EXPORTER_OTLP_", name, "_", what);
}

std::optional<std::string> OtelReader::Text(const std::string& name) const {
  const auto found = environment_.find(name);
  if (found == environment_.end()) return std::nullopt;
  const absl::string_view text = absl::StripAsciiWhitespace(found->second);
  if (text.empty()) return std::nullopt;
  return std::string(text);
}

std::optional<bool> OtelReader::Flag(const std::string& name) {
  return Word<bool>(name, {{"true", true}, {"false", false}});
}

std::optional<int64_t> OtelReader::Whole(const std::string& name, int64_t least,
                                         int64_t most) {
  const std::optional<std::string> text = Text(name);
  if (!text.has_value()) return std::nullopt;
  int64_t value = 0;
  if (absl::SimpleAtoi(*text, &value) && value >= least && value <= most) {
    return value;
  }
  Warn(name, absl::StrCat(Quote(*text), " is not a whole number from ", least,
                          " to ", most, "; ignored"));
  return std::nullopt;
}

std::optional<Duration> OtelReader::Millis(const std::string& name,
                                           int64_t least) {
  const std::optional<int64_t> millis = Whole(name, least, kMillisOfDay);
  if (!millis.has_value()) return std::nullopt;
  return std::chrono::milliseconds(*millis);
}

void OtelReader::Warn(const std::string& name, absl::string_view message) {
  if (!warned_.insert(absl::StrCat(name, " ", message)).second) return;
  problems_.Warn(Place{.variable = name}, "", message);
}

}  // namespace outrigger::config
