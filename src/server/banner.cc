#include "server/banner.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "config/default_socket.h"

namespace outrigger::server {
namespace {

constexpr size_t kMostLimitsShown = 20;
constexpr size_t kMostNamesShown = 8;

// "100 per 1m, burst 20, token_bucket, leased, by user".
std::string DescribeLimit(const limit::LimitConfig& limit) {
  const limit::Shape& shape = limit.shape;
  std::string line = absl::StrFormat(
      "%g per %s, burst %g, %s, %s", shape.tokens,
      absl::FormatDuration(absl::Microseconds(shape.period_us)), shape.burst,
      AlgorithmName(shape.algorithm), CoordinationName(limit.coordination));
  for (size_t i = 0; i < limit.key.size(); ++i) {
    absl::StrAppend(&line, i == 0 ? ", by " : " and ", limit.key[i]);
  }
  if (limit.shadow) absl::StrAppend(&line, ", shadow");
  return line;
}

// "  breakers a, b and 3 more"; nothing if there is none.
template <typename Item>
void AppendNames(const char* what, const std::vector<Item>& items,
                 std::string* text) {
  if (items.empty()) return;
  std::vector<std::string> names;
  for (const Item& item : items) {
    if (names.size() < kMostNamesShown) names.push_back(item.name);
  }
  absl::StrAppend(text, "  ", what, absl::StrJoin(names, ", "));
  if (names.size() < items.size()) {
    absl::StrAppend(text, " and ", items.size() - names.size(), " more");
  }
  absl::StrAppend(text, "\n");
}

// Attributes that the first limit applies to.
std::string ExampleAttributes(const config::Config& config) {
  std::string text;
  if (config.limits.empty()) return " user=42";
  for (const auto& match : config.limits.front().match) {
    absl::StrAppend(&text, " '", match.attribute, "=", match.glob, "'");
  }
  for (const std::string& name : config.limits.front().key) {
    absl::StrAppend(&text, " ", name, "=42");
  }
  return text;
}

// A client finds the usual sockets and the usual port by itself.
std::string ExampleTarget(const std::vector<std::string>& targets,
                          const config::Environment& environment) {
  if (targets.empty()) return "";
  const std::string found =
      config::SocketToCall(config::UsualSockets(environment));
  if (!found.empty() && targets.front() == absl::StrCat("unix:", found)) {
    return "";
  }
  return absl::StrCat(" --target ", targets.front());
}

}  // namespace

std::string Banner(const config::Config& config,
                   const std::vector<std::string>& targets,
                   const std::string& page, const std::string& program,
                   const config::Environment& environment) {
  std::string text = "outrigger serves\n";
  for (const std::string& target : targets) {
    absl::StrAppend(&text, "  on      ", target, "\n");
  }
  if (!page.empty()) absl::StrAppend(&text, "  page    ", page, "\n");
  absl::StrAppend(
      &text, "  store   ",
      config.store.redis.has_value()
          ? absl::StrCat("redis, ",
                         redis::ToString(config.store.redis->addresses.front()))
          : "embedded: this pod alone",
      "\n");
  if (config.limits.empty()) {
    absl::StrAppend(&text, "  limits  none: every request is allowed\n");
  }
  const size_t shown = std::min(config.limits.size(), kMostLimitsShown);
  for (size_t i = 0; i < shown; ++i) {
    absl::StrAppend(&text, "  limit   ", config.limits[i].name, ": ",
                    DescribeLimit(config.limits[i]), "\n");
  }
  if (shown < config.limits.size()) {
    absl::StrAppend(&text, "  limit   and ", config.limits.size() - shown,
                    " more\n");
  }
  AppendNames("breaker ", config.breakers, &text);
  AppendNames("pool    ", config.pools, &text);
  absl::StrAppend(&text, "try:  ", program, " allow",
                  ExampleTarget(targets, environment),
                  ExampleAttributes(config), "\n");
  return text;
}

}  // namespace outrigger::server
