#include "core/target.h"

#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace outrigger::client::internal {
namespace {

constexpr char kSocket[] = "/outrigger/outrigger.sock";

// "host:port" with a port of digits.
bool IsHostAndPort(const std::string& target) {
  const auto colon = target.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  const std::string port = target.substr(colon + 1);
  return !port.empty() && port.size() <= 5 &&
         port.find_first_not_of("0123456789") == std::string::npos &&
         !absl::StrContains(target, "/");
}

absl::StatusOr<std::string> Parse(const std::string& target) {
  absl::string_view path = target;
  if (absl::ConsumePrefix(&path, "unix://") ||
      absl::ConsumePrefix(&path, "unix:") || absl::StartsWith(path, "/")) {
    if (!path.empty()) return absl::StrCat("unix:", path);
  } else if (IsHostAndPort(target)) {
    return target;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "target: '", target,
      "' is none of unix:///path, unix:path, /path, and host:port"));
}

}  // namespace

Surroundings RealSurroundings() {
  return {.variable =
              [](const std::string& name) {
                const char* value = std::getenv(name.c_str());
                return std::string(value == nullptr ? "" : value);
              },
          .exists =
              [](const std::string& path) {
                return access(path.c_str(), F_OK) == 0;
              }};
}

absl::StatusOr<std::string> ResolveTarget(const std::string& given,
                                          const Surroundings& surroundings) {
  if (!given.empty()) return Parse(given);
  const std::string set = surroundings.variable("OUTRIGGER_TARGET");
  if (!set.empty()) return Parse(set);
  for (const std::string& folder :
       {std::string("/run"), surroundings.variable("XDG_RUNTIME_DIR"),
        std::string("/tmp")}) {
    const std::string path = folder + kSocket;
    if (!folder.empty() && surroundings.exists(path)) {
      return absl::StrCat("unix:", path);
    }
  }
  if (surroundings.exists("/run/outrigger")) {
    return absl::StrCat("unix:/run", kSocket);
  }
  return std::string("127.0.0.1:7420");
}

}  // namespace outrigger::client::internal
