// Endpoints' addresses, taken apart.
#ifndef OUTRIGGER_HEALTH_TARGET_H_
#define OUTRIGGER_HEALTH_TARGET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "loop/resolver.h"

namespace outrigger::health {

// A value.
struct Target {
  std::string host;  // a name or an IP address, IPv6 without brackets
  uint16_t port = 0;
  std::string unix_path;  // not empty: that instead
};

// "host:port", "[ipv6]:port" or "unix:/path". REQUIRES: it is one of them; of
// others it makes a target that nothing listens at.
Target ParseTarget(absl::string_view address);

// "host:port" of each, in order and each once. Of IPv6 only if there is no
// IPv4.
std::vector<std::string> AddressTexts(
    const std::vector<SocketAddress>& addresses);

}  // namespace outrigger::health

#endif  // OUTRIGGER_HEALTH_TARGET_H_
