#include "redis/url.h"

#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace outrigger::redis {
namespace {

absl::Status Bad(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("Redis URL: ", what));
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = absl::ascii_tolower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::optional<std::string> PercentDecode(absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = HexDigit(text[i + 1]), low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

absl::Status ParseDatabase(absl::string_view text, Options* options) {
  if (text.empty()) return absl::OkStatus();
  if (!absl::SimpleAtoi(text, &options->database) || options->database < 0) {
    return Bad("the database must be a number");
  }
  return absl::OkStatus();
}

// Takes "[user][:password]@" off the front of `*rest`, which is the part after
// "scheme://". The last '@' counts: people forget to encode passwords.
absl::Status TakeUser(absl::string_view* rest, size_t end, Options* options) {
  const size_t at = rest->substr(0, end).rfind('@');
  if (at == absl::string_view::npos) return absl::OkStatus();
  const absl::string_view user_info = rest->substr(0, at);
  rest->remove_prefix(at + 1);
  const size_t colon = user_info.find(':');
  if (colon == absl::string_view::npos) {
    return Bad("a user needs a password: write user:password@");
  }
  const auto user = PercentDecode(user_info.substr(0, colon));
  const auto password = PercentDecode(user_info.substr(colon + 1));
  if (!user || !password) {
    return Bad("user or password has a '%' without two hex digits");
  }
  options->username = *user;
  options->password = *password;
  return absl::OkStatus();
}

absl::StatusOr<Options> ParseTcp(absl::string_view rest, bool tls) {
  Options options;
  options.tls.enabled = tls;
  // A '/' may stand in a password, so the path starts after the last '@'.
  absl::Status status = TakeUser(&rest, absl::string_view::npos, &options);
  if (!status.ok()) return status;
  if (absl::StrContains(rest, '?') || absl::StrContains(rest, '#')) {
    return Bad("no ?parameters or #fragment are known here");
  }
  const size_t slash = rest.find('/');
  auto address = ParseAddress(rest.substr(0, slash));
  if (!address.ok()) return address.status();
  options.addresses.push_back(*std::move(address));
  if (slash != absl::string_view::npos) {
    status = ParseDatabase(rest.substr(slash + 1), &options);
    if (!status.ok()) return status;
  }
  return options;
}

absl::StatusOr<Options> ParseUnix(absl::string_view rest) {
  Options options;
  const absl::Status user = TakeUser(&rest, rest.find('?'), &options);
  if (!user.ok()) return user;
  const size_t query = rest.find('?');
  const auto path = PercentDecode(rest.substr(0, query));
  if (!path || path->empty() || (*path)[0] != '/') {
    return Bad("a Unix socket is written unix:///absolute/path");
  }
  options.addresses.push_back(Address{.host = "", .unix_path = *path});
  if (query != absl::string_view::npos) {
    absl::string_view database = rest.substr(query + 1);
    if (!absl::ConsumePrefix(&database, "db=")) {
      return Bad("the only parameter of unix:// is db");
    }
    const absl::Status status = ParseDatabase(database, &options);
    if (!status.ok()) return status;
  }
  return options;
}

}  // namespace

absl::StatusOr<Options> ParseUrl(absl::string_view url) {
  if (absl::ConsumePrefix(&url, "redis://")) return ParseTcp(url, false);
  if (absl::ConsumePrefix(&url, "rediss://")) return ParseTcp(url, true);
  if (absl::ConsumePrefix(&url, "unix://")) return ParseUnix(url);
  return Bad("must start with redis://, rediss:// or unix://");
}

absl::StatusOr<Address> ParseAddress(absl::string_view text) {
  Address address;
  absl::string_view port;
  if (absl::ConsumePrefix(&text, "[")) {
    const size_t close = text.find(']');
    if (close == absl::string_view::npos) return Bad("'[' without ']'");
    address.host = std::string(text.substr(0, close));
    text.remove_prefix(close + 1);
    if (!text.empty() && !absl::ConsumePrefix(&text, ":")) {
      return Bad("only a port may follow ']'");
    }
    port = text;
  } else {
    const size_t colon = text.find(':');
    if (colon != text.rfind(':')) return Bad("IPv6 hosts stand in brackets");
    address.host = std::string(text.substr(0, colon));
    if (colon != absl::string_view::npos) {
      port = text.substr(colon + 1);
      if (port.empty()) return Bad("a port must follow ':'");
    }
  }
  if (address.host.empty()) return Bad("the host is missing");
  uint32_t number = 6379;
  if (!port.empty() &&
      (!absl::SimpleAtoi(port, &number) || number < 1 || number > 65535)) {
    return Bad("the port must be 1 to 65535");
  }
  address.port = static_cast<uint16_t>(number);
  return address;
}

}  // namespace outrigger::redis
