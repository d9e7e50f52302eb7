#include "admin/guard.h"

#include <openssl/crypto.h>

#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "config/address.h"

namespace outrigger::admin {
namespace {

constexpr size_t kShortestToken = 16;
constexpr size_t kLongestToken = 1024;

// "host:port" and "[::1]:port", with or without the port.
absl::string_view HostOf(absl::string_view authority) {
  if (absl::ConsumePrefix(&authority, "[")) {
    return authority.substr(0, authority.find(']'));
  }
  return authority.substr(0, authority.find(':'));
}

bool IsThisMachine(absl::string_view authority, const std::string& own_host) {
  const std::string host(HostOf(authority));
  return absl::EqualsIgnoreCase(host, own_host) ||
         config::IsLoopback({.host = host});
}

// Takes as long for a wrong byte at the start as at the end.
bool SameSecret(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() &&
         CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool ShowsToken(const Request& request, const std::string& file) {
  auto shown = request.HeaderOf("authorization");
  if (!shown.has_value() || !absl::StartsWithIgnoreCase(*shown, "Bearer ")) {
    return false;
  }
  const auto token = ReadToken(file);
  return token.ok() &&
         SameSecret(absl::StripAsciiWhitespace(shown->substr(7)), *token);
}

// Browsers say where a request comes from; other clients say nothing.
bool FromOtherSite(const Request& request) {
  if (const auto site = request.HeaderOf("sec-fetch-site")) {
    if (*site != "same-origin" && *site != "none") return true;
  }
  const auto origin = request.HeaderOf("origin");
  if (!origin.has_value()) return false;
  const size_t authority = origin->find("://");
  return authority == absl::string_view::npos ||
         !absl::EqualsIgnoreCase(origin->substr(authority + 3),
                                 request.HeaderOf("host").value_or(""));
}

}  // namespace

std::optional<Response> Guard::Refuse(const Route& route,
                                      const Request& request) const {
  const auto host = request.HeaderOf("host");
  if (loopback && host.has_value() && !IsThisMachine(*host, this->host)) {
    return ErrorResponse(421,
                         "this server answers only to this machine's "
                         "names: localhost, 127.0.0.1, [::1]");
  }
  if (!route.open && (!token_file.empty() || require_client_cert)) {
    const bool known = (require_client_cert && request.client_certificate) ||
                       (!token_file.empty() && ShowsToken(request, token_file));
    if (!known) {
      Response refusal = ErrorResponse(
          401, token_file.empty()
                   ? "show a client certificate (listen.tls.client_ca_file)"
                   : "send the token of listen.admin_token_file: "
                     "Authorization: Bearer TOKEN");
      refusal.headers.emplace_back("WWW-Authenticate", "Bearer");
      return refusal;
    }
  }
  if (route.acts && FromOtherSite(request)) {
    return ErrorResponse(403, "a page of another site may not do this");
  }
  return std::nullopt;
}

absl::StatusOr<std::string> ReadToken(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "listen.admin_token_file: ", file, ": cannot be read or is empty"));
  }
  const absl::string_view token = absl::StripAsciiWhitespace(line);
  bool printable = true;
  for (const char c : token) {
    printable &= absl::ascii_isgraph(static_cast<unsigned char>(c));
  }
  if (!printable || token.size() < kShortestToken ||
      token.size() > kLongestToken) {
    return absl::FailedPreconditionError(
        absl::StrCat("listen.admin_token_file: ", file,
                     ": the token must have ", kShortestToken, " to ",
                     kLongestToken, " printable characters without blanks"));
  }
  return std::string(token);
}

}  // namespace outrigger::admin
