// Everything that can be configured, validated: what the server is built from.
//
// config/load.h makes one from a file and the environment. Each field's comment
// gives its option in the file; the variable that overrides an option is
// OUTRIGGER_ and the path in capitals with '_' for '.', e.g.
// OUTRIGGER_LISTEN_TCP. Lists are given there with commas.
#ifndef OUTRIGGER_CONFIG_CONFIG_H_
#define OUTRIGGER_CONFIG_CONFIG_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/address.h"
#include "limit/limit_config.h"
#include "redis/options.h"
#include "telemetry/log.h"

namespace outrigger::config {

// `profile`: chooses defaults as a whole; see config/profile.h.
enum class Profile : uint8_t { kProd, kDev, kTest };

// `listen.tls`. For listen.tcp and, see Listen::admin_uses_tls, admin; the Unix
// socket is never TLS. The files are PEM, and are not opened here.
struct Tls {
  // `cert_file`, `key_file`: the server's certificate chain and key. Both or
  // none; none: no TLS.
  std::string cert_file;
  std::string key_file;
  // `client_ca_file`: certificates that clients may show are checked against
  // it. Empty: clients are not asked for one.
  std::string client_ca_file;
  // `require_client_cert`: refuse clients that show none. Needs client_ca_file.
  bool require_client_cert = false;

  bool enabled() const { return !cert_file.empty(); }
  bool operator==(const Tls&) const = default;
};

// `listen`. At least one of unix_path and tcp is set.
struct Listen {
  // `unix`: an absolute path of at most 107 bytes, or "off" (then empty here).
  // Default: see config/default_socket.h.
  std::string unix_path;
  // `unix_mode`: the socket's permissions, octal, 0 to 0777.
  int unix_mode = 0660;
  // `unix_owner`: "user", "user:group" or ":group", names or numbers. Empty:
  // whoever runs the server.
  std::string unix_owner;
  // `tcp`: gRPC over TCP; "off": none. Not on loopback: needs tls or insecure.
  std::optional<Address> tcp = Address{.host = "127.0.0.1", .port = 7420};
  // `admin`: HTTP; "off": none. Not on loopback: needs tls, admin_token_file or
  // insecure.
  std::optional<Address> admin = Address{.host = "127.0.0.1", .port = 7421};
  // `admin_tls`: admin is HTTPS on loopback, too. Needs tls.
  bool admin_tls = false;
  // `admin_token_file`: a file whose only line is the token, of at least 16
  // characters, that admin's clients must send ("Authorization: Bearer TOKEN"),
  // but for /livez and /readyz. Empty: none is asked for.
  std::string admin_token_file;
  Tls tls;
  // `insecure`: unencrypted listening beyond this machine is meant.
  bool insecure = false;

  // Admin is HTTPS: asked for, or beyond this machine where there is a
  // certificate.
  bool admin_uses_tls() const {
    return admin_tls ||
           (admin.has_value() && !IsLoopback(*admin) && tls.enabled());
  }

  bool operator==(const Listen&) const = default;
};

// `server`: threads and bounds.
struct Server {
  // `threads`: serving threads, 1 to 64.
  int threads = 1;
  // `max_message`: longest request, a size from 1KiB to 64MiB.
  int64_t max_message_bytes = 4 << 20;
  // `max_streams`: calls at a time on one connection, 1 to 100,000.
  int max_streams = 1000;
  // `max_parked`: calls that wait, 0 to 1,000,000; 0: none may.
  int64_t max_parked = 10'000;
  // `max_keys`: keys of all limits with state in this pod, 1 to 100,000,000.
  int64_t max_keys = 4'000'000;
  // `drain_timeout`: longest time from SIGTERM to exit, 0 to 1h. Below
  // Kubernetes' 30 s, after which it kills.
  Duration drain_timeout = std::chrono::seconds(25);

  bool operator==(const Server&) const = default;
};

// `store`: what pods share.
struct Store {
  // `redis`. Unset: the embedded store, for one pod alone.
  std::optional<redis::Options> redis;

  bool operator==(const Store&) const = default;
};

// `telemetry`.
struct Telemetry {
  // `service_name`: the service that this sidecar belongs to. 1 to 255 bytes.
  std::string service_name = "outrigger";
  // `otlp`: where spans and metrics go, "http://host:port" or "https://…"; off
  // (empty here): nowhere.
  std::string otlp;
  // `traces_ratio`: the share of calls that are traced, 0 to 1, where the
  // caller has not decided.
  double traces_ratio = 0.01;
  // `log_level`: debug, info, warning or error.
  telemetry::LogLevel log_level = telemetry::LogLevel::kInfo;

  bool operator==(const Telemetry&) const = default;
};

// A value.
struct Config {
  Profile profile = Profile::kProd;
  Listen listen;
  Server server;
  Store store;
  // `limits`: valid, names unique, at most limit::kMaxLimits.
  std::vector<limit::LimitConfig> limits;
  Telemetry telemetry;

  // What the user should hear of, though nothing is wrong: one line each.
  std::vector<std::string> warnings;

  bool operator==(const Config&) const = default;
};

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_CONFIG_H_
