#include "health/talk/talk.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace outrigger::health {
namespace {

constexpr size_t kMaxQuotedBytes = 200;

}  // namespace

Verdict Refused(absl::string_view what, absl::string_view text) {
  return {absl::UnavailableError(absl::StrCat(
      what, ": ", absl::CHexEscape(text.substr(0, kMaxQuotedBytes))))};
}

}  // namespace outrigger::health
