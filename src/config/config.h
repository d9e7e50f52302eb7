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
#include <utility>
#include <vector>

#include "analyser/options.h"
#include "base/clock.h"
#include "breaker/options.h"
#include "cache/options.h"
#include "config/address.h"
#include "limit/limit_config.h"
#include "otlp/options.h"
#include "pool/options.h"
#include "redis/options.h"
#include "telemetry/instruments/buckets.h"
#include "telemetry/log.h"
#include "telemetry/trace/sampler.h"

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
  // `max_message`: longest request, a size from 1KiB to 64MiB. The default has
  // room for a cache's value of 8 MiB.
  int64_t max_message_bytes = 9 << 20;
  // `max_streams`: calls at a time on one connection, 1 to 100,000.
  int max_streams = 1000;
  // `max_parked`: calls that wait, 0 to 1,000,000; 0: none may.
  int64_t max_parked = 10'000;
  // `max_keys`: keys of all limits with state in this pod, 1 to 100,000,000.
  int64_t max_keys = 4'000'000;
  // `drain_timeout`: longest time from SIGTERM to exit, 0 to 1h. Below
  // Kubernetes' 30 s, after which it kills.
  Duration drain_timeout = std::chrono::seconds(25);
  // `zone`: where this pod is, for pools that do not say; at most 64 bytes.
  // Empty: not known.
  std::string zone;

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
  // `enabled`: false: nothing is exported or traced, and parts leave out what
  // it costs to measure.
  bool enabled = true;
  // `otlp`: the collector that spans, metrics and log events go to:
  // "http://host:port", "https://…", or a gRPC target like "host:port" or
  // "unix:/path"; off (empty here): nowhere. Port 4317 and gRPC targets mean
  // gRPC; else it is HTTP, until the collector turns out to speak gRPC alone.
  std::string otlp;
  // `headers`: sent with each request to the collector, e.g. a key: a map, or a
  // list of "name=value". A secret. Names are lower-case letters, digits, '-',
  // '_' and '.' (capitals are made small); at most 64.
  std::vector<std::pair<std::string, std::string>> headers;
  // `compression`: of requests: none or gzip.
  otlp::Compression compression = otlp::Compression::kNone;
  // `ca_file`: PEM; what the collector's certificate is checked against. Empty:
  // what the machine trusts.
  std::string ca_file;
  // `cert_file`, `key_file`: PEM; what we show the collector. Both or none.
  std::string cert_file;
  std::string key_file;
  // `metrics_interval`: between exports of metrics, 10ms to 24h.
  Duration metrics_interval = std::chrono::seconds(60);
  // `temporality`: cumulative, delta or lowmemory; of exported metrics.
  otlp::Temporality temporality = otlp::Temporality::kCumulative;
  // `histograms`: explicit (fixed bounds) or exponential.
  telemetry::Aggregation histograms = telemetry::Aggregation::kExplicit;
  // `cardinality_limit`: series of one metric, 1 to 1,000,000; those beyond
  // become one.
  int64_t cardinality_limit = 10'000;
  // `traces_ratio`: the share of calls that are traced, 0 to 1, where the
  // caller has not decided.
  double traces_ratio = 0.01;
  // `notable_traces_per_second`: calls that were denied, failed or degraded and
  // are traced beside, 0 to 100,000; 0: none.
  int64_t notable_traces_per_second = 10;
  // `baggage_attributes`: entries of the caller's baggage that become
  // attributes of spans; at most 64.
  std::vector<std::string> baggage_attributes;
  // `log_level`: debug, info, warning or error.
  telemetry::LogLevel log_level = telemetry::LogLevel::kInfo;
  // `log_format`: auto (text on a terminal, else JSON), json or text.
  telemetry::LogFormat log_format = telemetry::LogFormat::kAuto;

  bool operator==(const Telemetry&) const = default;
};

// What `telemetry` and the OTEL_* variables come to: see
// config/otel/variables.h.
struct OpenTelemetry {
  otlp::Options otlp;
  telemetry::Sampler sampler;
  // The caller's trace, and its baggage, are taken from its metadata.
  bool trace_context = true;
  bool baggage = true;

  bool operator==(const OpenTelemetry&) const = default;
};

// A value.
struct Config {
  Profile profile = Profile::kProd;
  Listen listen;
  Server server;
  Store store;
  // `limits`: valid, names unique, at most limit::kMaxLimits.
  std::vector<limit::LimitConfig> limits;
  // `cache`: valid, with its memory shared out; at least one namespace.
  cache::Options cache;
  // `breakers`: valid, names unique, at most breaker::kMaxBreakers.
  std::vector<breaker::BreakerOptions> breakers;
  // `pools`: valid, names unique, at most pool::kMaxPools.
  std::vector<pool::PoolOptions> pools;
  Telemetry telemetry;
  // Made of `telemetry` and the environment.
  OpenTelemetry otel;
  // `analyser`: what health is judged by.
  analyser::Options analyser;

  // What the user should hear of, though nothing is wrong: one line each.
  std::vector<std::string> warnings;

  bool operator==(const Config&) const = default;
};

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_CONFIG_H_
