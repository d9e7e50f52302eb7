#include "config/text/problem.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace outrigger::config {
namespace {

constexpr size_t kMaxQuoted = 60;

bool IsContinuationByte(char c) { return (c & 0xC0) == 0x80; }

}  // namespace

std::string Format(const Problem& problem, absl::string_view filename) {
  std::string line;
  if (!problem.place.variable.empty()) {
    line = absl::StrCat("environment: ", problem.place.variable);
  } else {
    line = filename.empty() ? "configuration" : std::string(filename);
    if (problem.place.line > 0) absl::StrAppend(&line, ":", problem.place.line);
    if (problem.place.column > 0) {
      absl::StrAppend(&line, ": column ", problem.place.column);
    }
  }
  absl::StrAppend(&line, ": ");
  if (problem.severity == Problem::Severity::kWarning) {
    absl::StrAppend(&line, "warning: ");
  }
  if (!problem.path.empty()) absl::StrAppend(&line, problem.path, ": ");
  absl::StrAppend(&line, problem.message);
  return line;
}

std::string Quote(absl::string_view text) {
  if (text.size() <= kMaxQuoted) {
    return absl::StrCat("'", absl::Utf8SafeCEscape(text), "'");
  }
  size_t end = kMaxQuoted;
  while (end > 0 && IsContinuationByte(text[end])) --end;
  return absl::StrCat("'", absl::Utf8SafeCEscape(text.substr(0, end)), "…'");
}

void Problems::Error(const Place& place, absl::string_view path,
                     absl::string_view message) {
  ++errors_;
  Keep({Problem::Severity::kError, place, std::string(path),
        std::string(message)});
}

void Problems::Warn(const Place& place, absl::string_view path,
                    absl::string_view message) {
  Keep({Problem::Severity::kWarning, place, std::string(path),
        std::string(message)});
}

void Problems::Keep(Problem problem) {
  if (kept_.size() >= kMaxKept) {
    ++left_out_;
    return;
  }
  kept_.push_back(std::move(problem));
}

bool Problems::HasErrorAt(absl::string_view path) const {
  return std::any_of(kept_.begin(), kept_.end(), [&](const Problem& problem) {
    return problem.severity == Problem::Severity::kError &&
           absl::StartsWith(problem.path, path);
  });
}

std::vector<Problem> Problems::Take() && {
  std::stable_sort(kept_.begin(), kept_.end(),
                   [](const Problem& a, const Problem& b) {
                     return std::pair(a.place.line, a.place.column) <
                            std::pair(b.place.line, b.place.column);
                   });
  if (left_out_ > 0) {
    kept_.push_back({Problem::Severity::kError, Place{}, "",
                     absl::StrCat("and ", left_out_, " more problems")});
  }
  return std::move(kept_);
}

}  // namespace outrigger::config
