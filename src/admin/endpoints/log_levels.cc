#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "admin/endpoints/endpoints.h"
#include "config/text/node.h"
#include "config/text/problem.h"
#include "config/text/yaml.h"
#include "telemetry/log.h"

namespace outrigger::admin {
namespace {

using telemetry::Log;

// Stand for all parts that have no level of their own, and for that they shall
// have none.
constexpr char kAllParts[] = "*";
constexpr char kDefault[] = "default";
constexpr size_t kLongestPart = 64;

Response Show() {
  std::vector<std::string> items = {
      absl::StrCat("\"*\": ", JsonQuote(NameOf(Log::Minimum())))};
  for (const telemetry::LogPart& part : Log::Levels()) {
    items.push_back(absl::StrCat(JsonQuote(part.name), ": ",
                                 JsonQuote(NameOf(part.level))));
  }
  return {.content_type = kJson,
          .body = absl::StrCat("{", absl::StrJoin(items, ", "), "}\n")};
}

std::string TextAt(const config::Node& root, absl::string_view path) {
  const config::Node* const node = config::Find(root, path);
  return node == nullptr ? "" : node->text;
}

// JSON is YAML, for which there is a reader.
Response Set(const Request& request) {
  config::Problems problems;
  const config::Node root = config::ParseYaml(request.body, problems);
  const std::string part = TextAt(root, "part");
  const std::string name = TextAt(root, "level");
  const auto level = telemetry::LogLevelNamed(name);
  const bool clear = name == kDefault && part != kAllParts;
  if (problems.errors() > 0 || part.empty() || part.size() > kLongestPart ||
      !(level.has_value() || clear)) {
    return ErrorResponse(
        400,
        "send {\"part\": \"redis\", \"level\": \"debug\"}; levels are debug, "
        "info, warning, error and default; the part \"*\" is all that have "
        "the default");
  }
  if (clear) {
    Log::ClearLevel(part);
  } else if (part == kAllParts) {
    Log::SetMinimum(*level);
  } else if (!Log::SetLevel(part, *level)) {
    return ErrorResponse(409, absl::StrCat("there are levels for ",
                                           Log::kMostParts, " parts already"));
  }
  return Show();
}

}  // namespace

void AddLogLevels(std::vector<Route>& routes) {
  routes.push_back({.path = "/log-levels",
                    .methods = {"GET", "PUT", "POST"},
                    .acts = true,
                    .answer = [](const Request& request) -> Outcome {
                      const bool set =
                          request.method == "PUT" || request.method == "POST";
                      return set ? Set(request) : Show();
                    }});
}

}  // namespace outrigger::admin
