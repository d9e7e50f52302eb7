#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "admin/endpoints/endpoints.h"

namespace outrigger::admin {
namespace {

constexpr int kNotModified = 304;

// Whether If-None-Match names the file's tag: the client has it already.
bool HasIt(const Request& request, absl::string_view quoted_tag) {
  const auto header = request.HeaderOf("if-none-match");
  if (!header.has_value()) return false;
  for (absl::string_view one : absl::StrSplit(*header, ',')) {
    one = absl::StripAsciiWhitespace(one);
    absl::ConsumePrefix(&one, "W/");
    if (one == "*" || one == quoted_tag) return true;
  }
  return false;
}

Response Serve(const Request& request, const StaticFile& file) {
  const std::string tag = absl::StrCat("\"", file.etag, "\"");
  Response response{.content_type = std::string(file.content_type)};
  // Kept, but asked for anew each time: the page changes with the program.
  response.headers = {{"ETag", tag}, {"Cache-Control", "no-cache"}};
  if (HasIt(request, tag)) {
    response.status = kNotModified;
  } else {
    response.body = std::string(file.bytes);
  }
  return response;
}

}  // namespace

void AddFiles(const Views& views, std::vector<Route>& routes) {
  for (const StaticFile& file : views.files) {
    routes.push_back({.path = std::string(file.path),
                      .methods = {"GET"},
                      .answer = [file](const Request& request) -> Outcome {
                        return Serve(request, file);
                      }});
  }
}

}  // namespace outrigger::admin
