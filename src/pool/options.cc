#include "pool/options.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace outrigger::pool {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kMaxName = 64;
constexpr size_t kMaxZone = 64;
constexpr size_t kMaxHost = 253;   // as in DNS
constexpr size_t kMaxPath = 107;   // of a Unix socket, as in sockaddr_un
constexpr size_t kMaxText = 1024;  // what a check sends
constexpr double kMaxWeight = 1000;
constexpr int64_t kMillion = 1'000'000;

absl::Status Bad(absl::string_view field, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", what));
}

bool Within(Duration d, Duration least, Duration most) {
  return d >= least && d <= most;
}

bool Within(int64_t n, int64_t least, int64_t most) {
  return n >= least && n <= most;
}

// Written so that a number that is none is refused, too.
bool IsShare(double n) { return n >= 0 && n <= 1; }

bool IsName(absl::string_view name) {
  bool good = !name.empty() && name.size() <= kMaxName;
  for (const char c : name) {
    good = good && (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                    c == '_' || c == '-' || c == '.');
  }
  return good;
}

bool IsPrintable(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

// "host:port", a host of IPv6 in brackets.
bool IsHostAndPort(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos || !IsPrintable(text)) return false;
  absl::string_view host = text.substr(0, colon);
  const absl::string_view digits = text.substr(colon + 1);
  int port = 0;
  if (digits.empty() || !absl::ascii_isdigit(digits[0]) ||
      !absl::SimpleAtoi(digits, &port) || !Within(port, 1, 65535)) {
    return false;
  }
  const bool bracketed = absl::ConsumePrefix(&host, "[");
  if (bracketed != absl::ConsumeSuffix(&host, "]")) return false;
  return !host.empty() && host.size() <= kMaxHost &&
         bracketed == absl::StrContains(host, ':') &&
         !absl::StrContains(host, '/');
}

bool IsAddress(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "unix:")) return IsHostAndPort(text);
  return absl::StartsWith(text, "/") && text.size() <= kMaxPath &&
         !absl::StrContains(text, absl::string_view("\0", 1));
}

absl::Status ValidateEndpoint(const EndpointOptions& o,
                              absl::string_view path) {
  const auto bad = [&](absl::string_view field, absl::string_view what) {
    return Bad(absl::StrCat(path, ".", field), what);
  };
  if (o.address.empty() == o.dns.empty()) {
    return bad("address", "must be set, or else dns, not both");
  }
  if (!o.address.empty() && !IsAddress(o.address)) {
    return bad("address", "must be \"host:port\" or \"unix:/path\"");
  }
  if (!o.dns.empty() && !IsHostAndPort(o.dns)) {
    return bad("dns", "must be \"name:port\"");
  }
  if (!(o.weight > 0 && o.weight <= kMaxWeight)) {
    return bad("weight", "must be above 0, to 1000");
  }
  if (o.zone.size() > kMaxZone) return bad("zone", "must be at most 64 bytes");
  if (o.backup && o.role == Role::kShard) {
    return bad("backup", "a shard has data of its own, and can be no backup");
  }
  return absl::OkStatus();
}

absl::Status ValidateEndpoints(const std::vector<EndpointOptions>& endpoints) {
  if (endpoints.size() > kMaxEndpoints) {
    return Bad("endpoints", "must be at most 1000");
  }
  absl::flat_hash_set<absl::string_view> addresses;
  absl::flat_hash_set<absl::string_view> names;
  for (size_t i = 0; i < endpoints.size(); ++i) {
    const EndpointOptions& o = endpoints[i];
    const std::string path = absl::StrCat("endpoints[", i, "]");
    if (absl::Status s = ValidateEndpoint(o, path); !s.ok()) return s;
    if (!o.address.empty() && !addresses.insert(o.address).second) {
      return Bad(path + ".address", "is there twice");
    }
    if (!o.dns.empty() && !names.insert(o.dns).second) {
      return Bad(path + ".dns", "is there twice");
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateChecks(const HealthOptions& o) {
  if (!Within(o.every, milliseconds(100), hours(1))) {
    return Bad("health.every", "must be 100ms to 1h");
  }
  if (!Within(o.timeout, milliseconds(10), o.every)) {
    return Bad("health.timeout", "must be 10ms to health.every");
  }
  if (!Within(o.rise, 1, 100)) return Bad("health.rise", "must be 1 to 100");
  if (!Within(o.fall, 1, 100)) return Bad("health.fall", "must be 1 to 100");
  if (!absl::StartsWith(o.path, "/") || o.path.size() > kMaxText ||
      !IsPrintable(o.path)) {
    return Bad("health.path",
               "must begin with '/', have no spaces, and be at most 1024 "
               "bytes");
  }
  if (o.service.size() > kMaxText) {
    return Bad("health.service", "must be at most 1024 bytes");
  }
  const absl::string_view nul("\0", 1);
  if (o.user.empty() || o.user.size() > kMaxText ||
      absl::StrContains(o.user, nul)) {
    return Bad("health.user", "must be 1 to 1024 bytes, none of them 0");
  }
  if (o.database.size() > kMaxText || absl::StrContains(o.database, nul)) {
    return Bad("health.database", "must be at most 1024 bytes, none of them 0");
  }
  return absl::OkStatus();
}

absl::Status ValidateEjection(const HealthOptions& o) {
  if (!Within(o.eject_after, 0, 1000)) {
    return Bad("health.eject_after", "must be 0 (never) to 1000");
  }
  if (!IsShare(o.eject_rate)) {
    return Bad("health.eject_rate", "must be 0 (never) to 1");
  }
  if (!Within(o.eject_minimum, 1, kMillion)) {
    return Bad("health.eject_minimum", "must be 1 to 1000000");
  }
  if (!Within(o.eject_window, milliseconds(100), hours(1))) {
    return Bad("health.eject_window", "must be 100ms to 1h");
  }
  if (!Within(o.eject_for, milliseconds(1), hours(24))) {
    return Bad("health.eject_for", "must be 1ms to 24h");
  }
  if (!Within(o.eject_max, o.eject_for, hours(24))) {
    return Bad("health.eject_max", "must be health.eject_for to 24h");
  }
  if (!IsShare(o.eject_share)) {
    return Bad("health.eject_share", "must be 0 to 1");
  }
  if (!IsShare(o.panic)) return Bad("health.panic", "must be 0 (never) to 1");
  if (!Within(o.slow_start, Duration::zero(), hours(1))) {
    return Bad("health.slow_start", "must be 0 to 1h");
  }
  return absl::OkStatus();
}

absl::Status ValidateThresholds(const ThresholdOptions& o) {
  if (!IsShare(o.cpu)) return Bad("thresholds.cpu", "must be 0 to 1");
  if (!IsShare(o.memory)) return Bad("thresholds.memory", "must be 0 to 1");
  if (!(o.requests_per_second > 0)) {
    return Bad("thresholds.requests_per_second", "must be above 0");
  }
  if (!Within(o.valid_for, milliseconds(100), hours(1))) {
    return Bad("thresholds.valid_for", "must be 100ms to 1h");
  }
  return absl::OkStatus();
}

absl::Status ValidateCaps(const PoolOptions& o) {
  if (!Within(o.max_connections, 1, kMillion)) {
    return Bad("max_connections", "must be 1 to 1000000");
  }
  if (!Within(o.max_overflow, 0, kMillion)) {
    return Bad("max_overflow", "must be 0 to 1000000");
  }
  if (!Within(o.acquire_timeout, Duration::zero(), hours(1))) {
    return Bad("acquire_timeout", "must be 0 to 1h");
  }
  if (!Within(o.max_waiting, 1, kMillion)) {
    return Bad("max_waiting", "must be 1 to 1000000");
  }
  if (!Within(o.lease, seconds(1), hours(1))) {
    return Bad("lease", "must be 1s to 1h");
  }
  if (!Within(o.leak_after, Duration::zero(), hours(720))) {
    return Bad("leak_after", "must be 0 (never) to 30 days (720h)");
  }
  if (!Within(o.retry_attempts, 0, 100)) {
    return Bad("retry_attempts", "must be 0 to 100");
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view BalanceName(Balance balance) {
  switch (balance) {
    case Balance::kLeastConnections:
      return "least_connections";
    case Balance::kRoundRobin:
      return "round_robin";
    case Balance::kWeighted:
      return "weighted";
    case Balance::kRandomTwo:
      return "random_two";
    case Balance::kSticky:
      return "sticky";
    case Balance::kZoneAware:
      return "zone_aware";
  }
  return "";
}

absl::string_view RoleName(Role role) {
  switch (role) {
    case Role::kAny:
      return "";
    case Role::kPrimary:
      return "primary";
    case Role::kReplica:
      return "replica";
    case Role::kShard:
      return "shard";
  }
  return "";
}

absl::string_view CheckName(Check check) {
  switch (check) {
    case Check::kNone:
      return "none";
    case Check::kTcp:
      return "tcp";
    case Check::kHttp:
      return "http";
    case Check::kGrpc:
      return "grpc";
    case Check::kRedis:
      return "redis";
    case Check::kPostgres:
      return "postgres";
  }
  return "";
}

absl::Status Validate(const PoolOptions& options) {
  if (!IsName(options.name)) {
    return Bad("name", "must be 1 to 64 letters, digits, '_', '-' or '.'");
  }
  if (absl::Status s = ValidateCaps(options); !s.ok()) return s;
  if (options.zone.size() > kMaxZone) {
    return Bad("zone", "must be at most 64 bytes");
  }
  if (!Within(options.dns_refresh, seconds(1), hours(1))) {
    return Bad("dns_refresh", "must be 1s to 1h");
  }
  if (absl::Status s = ValidateEndpoints(options.endpoints); !s.ok()) return s;
  if (absl::Status s = ValidateChecks(options.health); !s.ok()) return s;
  if (absl::Status s = ValidateEjection(options.health); !s.ok()) return s;
  return ValidateThresholds(options.thresholds);
}

}  // namespace outrigger::pool
