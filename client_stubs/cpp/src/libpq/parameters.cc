#include "libpq/parameters.h"

#include <libpq-fe.h>

#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace outrigger::client::libpq {
namespace {

constexpr char kSocketName[] = "/.s.PGSQL.";

absl::Status Point(const std::string& endpoint,
                   std::map<std::string, std::string>& parameters) {
  absl::string_view path = endpoint;
  const bool socket = absl::ConsumePrefix(&path, "unix:");
  const std::string place(path);
  const auto cut = socket ? place.rfind(kSocketName) : place.rfind(':');
  if (cut == std::string::npos) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the pool's endpoint '", endpoint,
        "' is neither host:port nor unix:/folder", kSocketName, "port"));
  }
  parameters["host"] = place.substr(0, cut);
  parameters["port"] =
      place.substr(cut + (socket ? sizeof(kSocketName) - 1 : 1));
  parameters.erase("hostaddr");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> ParametersFor(
    const std::string& conninfo, const std::string& endpoint) {
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(conninfo.c_str(), &error), PQconninfoFree);
  if (options == nullptr) {
    absl::Status status = absl::InvalidArgumentError(
        absl::StrCat("conninfo: ", error == nullptr ? "" : error));
    PQfreemem(error);
    return status;
  }
  std::map<std::string, std::string> parameters;
  for (const PQconninfoOption* option = options.get();
       option->keyword != nullptr; ++option) {
    if (option->val != nullptr) parameters[option->keyword] = option->val;
  }
  if (endpoint.empty()) return parameters;
  if (absl::Status status = Point(endpoint, parameters); !status.ok()) {
    return status;
  }
  return parameters;
}

}  // namespace outrigger::client::libpq
