#include "admin/http/accept.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace outrigger::admin {
namespace {

struct Entry {
  absl::string_view name;
  double quality = 1;
};

std::vector<Entry> Entries(absl::string_view header) {
  std::vector<Entry> entries;
  for (const absl::string_view text : absl::StrSplit(header, ',')) {
    Entry entry;
    bool first = true;
    for (absl::string_view part : absl::StrSplit(text, ';')) {
      part = absl::StripAsciiWhitespace(part);
      if (first) {
        entry.name = part;
      } else if (absl::StartsWithIgnoreCase(part, "q=") &&
                 !absl::SimpleAtod(part.substr(2), &entry.quality)) {
        entry.quality = 0;
      }
      first = false;
    }
    if (!entry.name.empty()) entries.push_back(entry);
  }
  return entries;
}

// The best quality of the first of `names` that is there; -1 if none is.
double QualityOf(const std::vector<Entry>& entries,
                 const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    double quality = -1;
    for (const Entry& entry : entries) {
      if (absl::EqualsIgnoreCase(entry.name, name)) {
        quality = std::max(quality, entry.quality);
      }
    }
    if (quality >= 0) return quality;
  }
  return -1;
}

}  // namespace

double Wants(const Request& request, absl::string_view type) {
  const auto header = request.HeaderOf("accept");
  if (!header.has_value() || header->empty()) return 1;
  const absl::string_view group = type.substr(0, type.find('/'));
  return std::max(
      0.0, QualityOf(Entries(*header),
                     {std::string(type), absl::StrCat(group, "/*"), "*/*"}));
}

bool TakesGzip(const Request& request) {
  const auto header = request.HeaderOf("accept-encoding");
  return header.has_value() && QualityOf(Entries(*header), {"gzip", "*"}) > 0;
}

}  // namespace outrigger::admin
