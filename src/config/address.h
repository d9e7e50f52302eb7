// Where a server listens on TCP.
#ifndef OUTRIGGER_CONFIG_ADDRESS_H_
#define OUTRIGGER_CONFIG_ADDRESS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace outrigger::config {

// A value.
struct Address {
  // A name or an IP address (IPv6 without brackets). Not empty.
  std::string host;
  // 0: one that the system chooses.
  uint16_t port = 0;

  bool operator==(const Address&) const = default;
};

// "host:port" or "[ipv6]:port", both parts needed, the port 0 to 65535.
// kInvalidArgument else, saying what to write.
absl::StatusOr<Address> ParseAddress(absl::string_view text);

// The text that ParseAddress reads.
std::string ToString(const Address& address);

// Whether only this machine can reach it: "localhost", 127.0.0.0/8 or ::1.
bool IsLoopback(const Address& address);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_ADDRESS_H_
