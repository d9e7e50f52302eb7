// How to reach Redis (or Valkey): where, as whom, how long to wait.
#ifndef OUTRIGGER_REDIS_OPTIONS_H_
#define OUTRIGGER_REDIS_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"

namespace outrigger::redis {

// Where one server listens: a host and a port, or a Unix socket. A value.
struct Address {
  // A name or an IP address (IPv6 without brackets). Unused if `unix_path` is
  // set. Names are resolved again for every connection.
  std::string host;
  // 1 to 65535.
  uint16_t port = 6379;
  // Absolute path of a socket; empty: TCP. Not with TLS, sentinel or cluster.
  std::string unix_path;

  bool operator==(const Address&) const = default;
};

// "host:port", "[host]:port" or the path; for logs and as a map's key.
std::string ToString(const Address& address);

enum class Mode : uint8_t {
  // One server, at addresses[0].
  kStandalone = 0,
  // `addresses` are sentinels; they know where `sentinel.master` is.
  kSentinel = 1,
  // `addresses` are some of a cluster's nodes; they know the others.
  kCluster = 2,
};

// The server's certificate is checked against `ca_file` and its host name.
struct TlsOptions {
  bool enabled = false;
  // PEM. Empty: the system's certificates.
  std::string ca_file;
  // This client's certificate (chain) and key, PEM. Both or none.
  std::string cert_file;
  std::string key_file;
  // The name expected in the certificate, and sent as SNI. Empty: the address'
  // host.
  std::string server_name;
  // Encrypt, but believe any certificate. For tests only.
  bool insecure_skip_verify = false;

  bool operator==(const TlsOptions&) const = default;
};

// Only for Mode::kSentinel.
struct SentinelOptions {
  // The name under which the sentinels watch the master. Not empty.
  std::string master;
  // For the sentinels themselves, which have users of their own. Empty: none.
  std::string username;
  std::string password;

  bool operator==(const SentinelOptions&) const = default;
};

struct Options {
  Mode mode = Mode::kStandalone;
  // 1 for standalone; 1 to 64 seeds else.
  std::vector<Address> addresses;
  SentinelOptions sentinel;

  // ACL user. Empty: the default user.
  std::string username;
  // Empty, with no password_file: no AUTH is sent.
  std::string password;
  // Its first line is the password. Read again for every connection, so that a
  // rotated secret is picked up. Not together with `password`.
  std::string password_file;
  // 0 to 1,000,000. Must be 0 for a cluster.
  int database = 0;
  // Every key starts with this and ':'. 1 to 64 of [A-Za-z0-9_.-]: no braces,
  // as they would decide the cluster's slot.
  std::string prefix = "outrigger";
  TlsOptions tls;

  // A command without an answer by then fails with kDeadlineExceeded. 1 ms to
  // 10 s.
  Duration timeout = std::chrono::milliseconds(50);
  // For name, TCP, TLS and login together. 10 ms to 60 s.
  Duration connect_timeout = std::chrono::seconds(1);
  // Commands queued or sent, and not yet answered. Beyond: kUnavailable at
  // once. 1 to 1,000,000.
  int max_in_flight = 10'000;

  bool operator==(const Options&) const = default;
};

// OK, or kInvalidArgument with the field's path, e.g. "tls.cert_file: …". Reads
// no file: a missing one is found, and told, when connecting.
absl::Status Validate(const Options& options);

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_OPTIONS_H_
