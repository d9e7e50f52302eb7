#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "admin/endpoints/endpoints.h"

namespace outrigger::admin {
namespace {

constexpr int kOk = 200;
constexpr int kUnavailable = 503;

using Checks = std::vector<Check>;

bool AllOk(const Checks& checks) {
  for (const Check& check : checks) {
    if (!check.ok) return false;
  }
  return true;
}

std::string Lines(const Checks& checks) {
  std::string text;
  for (const Check& check : checks) {
    absl::StrAppend(&text, check.ok ? "[+] " : "[-] ", check.name,
                    check.ok ? ": ok" : ": ", check.reason, "\n");
  }
  return text;
}

std::string Reasons(const Checks& checks) {
  std::vector<std::string> reasons;
  for (const Check& check : checks) {
    if (!check.ok)
      reasons.push_back(absl::StrCat(check.name, ": ", check.reason));
  }
  return absl::StrJoin(reasons, "; ");
}

Response Readyz(const Request& request, const Checks& checks) {
  const bool ready = AllOk(checks);
  Response response{.status = ready ? kOk : kUnavailable};
  if (request.QueryOf("verbose").has_value()) response.body = Lines(checks);
  response.body +=
      ready ? "ready\n" : absl::StrCat("not ready: ", Reasons(checks), "\n");
  return response;
}

Response Health(const Checks& checks) {
  const bool ready = AllOk(checks);
  std::vector<std::string> items;
  for (const Check& check : checks) {
    items.push_back(absl::StrCat("{\"name\": ", JsonQuote(check.name),
                                 ", \"ok\": ", check.ok ? "true" : "false",
                                 ", \"reason\": ", JsonQuote(check.reason),
                                 "}"));
  }
  return {.status = ready ? kOk : kUnavailable,
          .content_type = kJson,
          .body = absl::StrCat("{\"ready\": ", ready ? "true" : "false",
                               ", \"checks\": [", absl::StrJoin(items, ", "),
                               "]}\n")};
}

}  // namespace

void AddHealth(const Views& views, std::vector<Route>& routes) {
  const auto look = [checks = views.checks] {
    return checks ? checks() : Checks{};
  };
  routes.push_back({.path = "/livez",
                    .methods = {"GET"},
                    .open = true,
                    .answer = [](const Request& request) -> Outcome {
                      return Response{.body = "alive\n"};
                    }});
  routes.push_back({.path = "/readyz",
                    .methods = {"GET"},
                    .open = true,
                    .answer = [look](const Request& request) -> Outcome {
                      return Readyz(request, look());
                    }});
  routes.push_back({.path = "/health",
                    .methods = {"GET"},
                    .answer = [look](const Request& request) -> Outcome {
                      return Health(look());
                    }});
}

}  // namespace outrigger::admin
