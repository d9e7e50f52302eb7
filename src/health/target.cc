#include "health/target.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace outrigger::health {
namespace {

std::string TextOf(const SocketAddress& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address.storage);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    return absl::StrCat(text, ":", ntohs(v4.sin_port));
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address.storage);
  inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
  return absl::StrCat("[", text, "]:", ntohs(v6.sin6_port));
}

}  // namespace

Target ParseTarget(absl::string_view address) {
  Target target;
  if (absl::ConsumePrefix(&address, "unix:")) {
    target.unix_path = std::string(address);
    return target;
  }
  const size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos) return target;
  uint32_t port = 0;
  if (!absl::SimpleAtoi(address.substr(colon + 1), &port) || port > 65535) {
    return target;
  }
  absl::string_view host = address.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  target.host = std::string(host);
  target.port = static_cast<uint16_t>(port);
  return target;
}

std::vector<std::string> AddressTexts(
    const std::vector<SocketAddress>& addresses) {
  const bool has_v4 = std::any_of(
      addresses.begin(), addresses.end(),
      [](const auto& address) { return address.storage.ss_family == AF_INET; });
  const int family = has_v4 ? AF_INET : AF_INET6;
  std::vector<std::string> texts;
  for (const SocketAddress& address : addresses) {
    if (address.storage.ss_family == family) texts.push_back(TextOf(address));
  }
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return texts;
}

}  // namespace outrigger::health
