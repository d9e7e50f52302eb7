#include "admin/prometheus/names.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace outrigger::admin {
namespace {

using telemetry::MetricKind;

struct Word {
  absl::string_view unit;
  absl::string_view word;
};

constexpr Word kWords[] = {
    {"s", "seconds"},      {"ms", "milliseconds"}, {"us", "microseconds"},
    {"ns", "nanoseconds"}, {"min", "minutes"},     {"h", "hours"},
    {"d", "days"},         {"By", "bytes"},        {"KiBy", "kibibytes"},
    {"MiBy", "mebibytes"}, {"kBy", "kilobytes"},   {"MBy", "megabytes"},
    {"%", "percent"},      {"Hz", "hertz"},        {"Cel", "celsius"},
};
// After "per".
constexpr Word kSingularWords[] = {
    {"s", "second"}, {"min", "minute"}, {"h", "hour"}, {"d", "day"}};

// Letters, digits and single underscores, no digit first.
std::string Identifier(absl::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool fits = absl::ascii_isalnum(static_cast<unsigned char>(c));
    if (fits) {
      name += c;
    } else if (name.empty() || name.back() != '_') {
      name += '_';
    }
  }
  if (!name.empty() &&
      absl::ascii_isdigit(static_cast<unsigned char>(name[0]))) {
    name.insert(0, "_");
  }
  return name;
}

template <size_t n>
std::string Translate(const Word (&words)[n], absl::string_view unit) {
  for (const Word& word : words) {
    if (word.unit == unit) return std::string(word.word);
  }
  return Identifier(unit);
}

}  // namespace

std::string UnitWord(absl::string_view unit, MetricKind kind) {
  if (unit == "1") return kind == MetricKind::kGauge ? "ratio" : "";
  const size_t slash = unit.find('/');
  const absl::string_view above = unit.substr(0, slash);
  std::string word = absl::StartsWith(above, "{") || above == "1"
                         ? ""
                         : Translate(kWords, above);
  if (slash == absl::string_view::npos) return word;
  const absl::string_view below = unit.substr(slash + 1);
  if (absl::StartsWith(below, "{")) return word;
  return absl::StrCat(word, word.empty() ? "" : "_", "per_",
                      Translate(kSingularWords, below));
}

std::string FamilyName(const telemetry::MetricInfo& info) {
  std::string name = Identifier(info.name);
  if (info.kind == MetricKind::kCounter && absl::EndsWith(name, "_total")) {
    name.resize(name.size() - 6);
  }
  const std::string unit = UnitWord(info.unit, info.kind);
  if (unit.empty() || absl::EndsWith(name, absl::StrCat("_", unit))) {
    return name;
  }
  return absl::StrCat(name, "_", unit);
}

std::string LabelName(absl::string_view attribute) {
  std::string name = Identifier(attribute);
  if (name == "le" || absl::StartsWith(name, "otel_scope_") ||
      absl::StartsWith(name, "__")) {
    name.insert(0, "attribute_");
  }
  return name;
}

}  // namespace outrigger::admin
