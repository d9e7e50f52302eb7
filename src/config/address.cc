#include "config/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "config/text/problem.h"

namespace outrigger::config {
namespace {

absl::Status Bad(absl::string_view text, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(Quote(text), " ", what, "; write e.g. 127.0.0.1:7420"));
}

bool IsHostByte(char c) {
  return c > ' ' && c < 0x7F && !absl::StrContains("/\\\"'@#?", c);
}

}  // namespace

absl::StatusOr<Address> ParseAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return Bad(text, "has no port");
  absl::string_view host = text.substr(0, colon);
  const absl::string_view digits = text.substr(colon + 1);
  uint32_t port = 0;
  if (digits.empty() || digits.size() > 5 ||
      digits.find_first_not_of("0123456789") != absl::string_view::npos ||
      !absl::SimpleAtoi(digits, &port) || port > 65535) {
    return Bad(text, "needs a port from 0 to 65535");
  }
  const bool brackets =
      host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  if (host.empty()) {
    return Bad(text, "has no host (0.0.0.0 stands for all addresses)");
  }
  if (!brackets && absl::StrContains(host, ':')) {
    return Bad(text, "is not host:port; an IPv6 host stands in brackets");
  }
  for (const char c : host) {
    if (!IsHostByte(c) || c == '[' || c == ']') {
      return Bad(text, "is not host:port");
    }
  }
  in6_addr ipv6;
  const std::string name(host);
  if (brackets && inet_pton(AF_INET6, name.c_str(), &ipv6) != 1) {
    return Bad(text, "has no IPv6 address between its brackets");
  }
  return Address{.host = name, .port = static_cast<uint16_t>(port)};
}

std::string ToString(const Address& address) {
  if (absl::StrContains(address.host, ':')) {
    return absl::StrCat("[", address.host, "]:", address.port);
  }
  return absl::StrCat(address.host, ":", address.port);
}

bool IsLoopback(const Address& address) {
  if (absl::EqualsIgnoreCase(address.host, "localhost")) return true;
  in_addr ipv4;
  if (inet_pton(AF_INET, address.host.c_str(), &ipv4) == 1) {
    return (ntohl(ipv4.s_addr) >> 24) == 127;
  }
  in6_addr ipv6;
  return inet_pton(AF_INET6, address.host.c_str(), &ipv6) == 1 &&
         IN6_IS_ADDR_LOOPBACK(&ipv6);
}

}  // namespace outrigger::config
