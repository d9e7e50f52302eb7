#include "redis/wire/server_error.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "redis/wire/slot.h"

namespace outrigger::redis {
namespace {

struct Code {
  absl::string_view word;
  ServerError meaning;
};

constexpr Code kCodes[] = {
    {"MOVED", ServerError::kMoved},
    {"ASK", ServerError::kAsk},
    {"TRYAGAIN", ServerError::kTryAgain},
    {"CLUSTERDOWN", ServerError::kTryAgain},
    {"NOSCRIPT", ServerError::kNoScript},
    {"LOADING", ServerError::kNotReady},
    {"MASTERDOWN", ServerError::kNotReady},
    {"BUSY", ServerError::kNotReady},
    {"UNKILLABLE", ServerError::kNotReady},
    {"READONLY", ServerError::kReadOnly},
    {"OOM", ServerError::kRefusing},
    {"MISCONF", ServerError::kRefusing},
    {"NOREPLICAS", ServerError::kRefusing},
    {"NOAUTH", ServerError::kNoAuth},
    {"WRONGPASS", ServerError::kNoAuth},
    {"NOPERM", ServerError::kNoPermission},
};

// Errors that Redis 6 hides in the text of a failed script.
constexpr Code kHidden[] = {
    {"-READONLY", ServerError::kReadOnly},
    {"-OOM", ServerError::kRefusing},
    {"-MISCONF", ServerError::kRefusing},
    {"-NOREPLICAS", ServerError::kRefusing},
    {"max number of clients", ServerError::kTooMany},
    {"without any password configured", ServerError::kNoAuth},
    {"can't write against a read only replica", ServerError::kReadOnly},
    {"command not allowed when used memory", ServerError::kRefusing},
    {"No permissions", ServerError::kNoPermission},
    {"invalid password", ServerError::kNoAuth},
};

}  // namespace

ServerError ClassifyError(absl::string_view text) {
  const absl::string_view word = text.substr(0, text.find(' '));
  for (const Code& code : kCodes) {
    if (word == code.word) return code.meaning;
  }
  for (const Code& code : kHidden) {
    if (absl::StrContains(text, code.word)) return code.meaning;
  }
  return ServerError::kOther;
}

std::optional<Redirect> ParseRedirect(absl::string_view text) {
  const std::vector<absl::string_view> words = absl::StrSplit(text, ' ');
  if (words.size() < 3) return std::nullopt;
  // The last colon: an IPv6 host has more.
  const size_t colon = words[2].rfind(':');
  uint32_t slot = 0, port = 0;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(words[1], &slot) ||
      slot >= kSlots || !absl::SimpleAtoi(words[2].substr(colon + 1), &port) ||
      port < 1 || port > 65535) {
    return std::nullopt;
  }
  Redirect redirect;
  redirect.slot = static_cast<uint16_t>(slot);
  redirect.address.host = std::string(words[2].substr(0, colon));
  redirect.address.port = static_cast<uint16_t>(port);
  return redirect;
}

}  // namespace outrigger::redis
