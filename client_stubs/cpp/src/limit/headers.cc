#include "outrigger/headers.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace outrigger::client {
namespace {

std::int64_t WholeSeconds(absl::Duration duration) {
  return absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1)));
}

// A string of RFC 9651; what it cannot hold is left out.
std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    if (c >= 0x20 && c < 0x7f) quoted.push_back(c);
  }
  return quoted + "\"";
}

void AppendItem(std::string& list, const std::string& item) {
  absl::StrAppend(&list, list.empty() ? "" : ", ", item);
}

}  // namespace

Metadata RateLimitHeaders(const Decision& decision) {
  Metadata headers;
  if (!decision.allowed && decision.retry_after) {
    headers.emplace_back("retry-after",
                         absl::StrCat(WholeSeconds(*decision.retry_after)));
  }
  std::string limits;
  std::string policies;
  for (const LimitStatus& status : decision.statuses) {
    if (status.shadow || status.unlimited) continue;
    const std::string name = Quoted(status.limit);
    AppendItem(limits, absl::StrCat(name, ";r=", status.remaining,
                                    ";t=", WholeSeconds(status.reset_after)));
    AppendItem(policies, absl::StrCat(name, ";q=", status.burst,
                                      ";w=", WholeSeconds(status.window)));
  }
  if (!limits.empty()) {
    headers.emplace_back("ratelimit", limits);
    headers.emplace_back("ratelimit-policy", policies);
  }
  return headers;
}

}  // namespace outrigger::client
