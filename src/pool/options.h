// How pools are configured, validated.
#ifndef OUTRIGGER_POOL_OPTIONS_H_
#define OUTRIGGER_POOL_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"

namespace outrigger::pool {

enum class Role : uint8_t { kAny, kPrimary, kReplica, kShard };

// How an endpoint is chosen among those that can be used.
enum class Balance : uint8_t {
  kLeastConnections,  // the fewest leases of this pod for its weight
  kRoundRobin,        // in turn, whatever their weights
  kWeighted,          // in turn, smoothly, by weight
  kRandomTwo,  // of two at random the one with fewer leases for its weight
               // (Mitzenmacher, "The Power of Two Choices in Randomized
               // Load Balancing", IEEE TPDS 2001)
  kSticky,     // the session key's, by consistent hash
  kZoneAware,  // the pod's own zone's first, as far as its share goes;
               // among those least connections
};

enum class Check : uint8_t {
  kNone,
  kTcp,       // a connection is accepted
  kHttp,      // GET answers 200 to 399
  kGrpc,      // grpc.health.v1 answers SERVING
  kRedis,     // PING is answered by PONG (or NOAUTH, NOPERM)
  kPostgres,  // the startup packet is answered by a request to log in, or by
              // readiness; "cannot connect now" and a refusal for too many
              // connections are failures
};

// "least_connections", "round_robin", …; "primary", …; "tcp", …
absl::string_view BalanceName(Balance balance);
absl::string_view RoleName(Role role);  // "" for kAny
absl::string_view CheckName(Check check);

// `endpoints[]`: one, or those of a DNS name.
struct EndpointOptions {
  // `address`: "host:port" or "unix:/path". Exactly one of the two.
  std::string address;
  // `dns`: "name:port"; an endpoint for each of its addresses, the IPv6 ones
  // only if it has no others.
  std::string dns;
  // `weight`: above 0, to 1,000. On a hash ring (kSticky, shards) at most 16
  // times the mean of those configured counts.
  double weight = 1;
  // `zone`: at most 64 bytes; empty: none.
  std::string zone;
  // `role`.
  Role role = Role::kAny;
  // `backup`: only if none that is no backup can be used. Not of a shard.
  bool backup = false;

  bool operator==(const EndpointOptions&) const = default;
};

// `health`: how endpoints are checked, and when they are left out.
struct HealthOptions {
  // `check`.
  Check check = Check::kNone;
  // `every`: 100ms to 1h. Each check comes at a random time within a tenth of
  // it.
  Duration every = std::chrono::seconds(5);
  // `timeout`: 10ms to `every`.
  Duration timeout = std::chrono::seconds(1);
  // `rise`, `fall`: so many checks in a row that succeed make it healthy, that
  // fail unhealthy. 1 to 100. The first one decides by itself.
  int64_t rise = 2;
  int64_t fall = 3;
  // `path`: of http. Begins with '/'.
  std::string path = "/";
  // `service`: of grpc; empty: the whole server.
  std::string service;
  // `user`, `database`: of postgres' startup packet.
  std::string user = "outrigger";
  std::string database;  // empty: the user's

  // By reported outcomes (as Envoy's outlier detection and gRFC A50):
  // `eject_after`: failures in a row. 0: never, to 1,000.
  int64_t eject_after = 5;
  // `eject_rate`: share of failures of at least `eject_minimum` outcomes in
  // `eject_window`; 0: never, to 1.
  double eject_rate = 0;
  int64_t eject_minimum = 20;
  Duration eject_window = std::chrono::seconds(10);
  // `eject_for`: times the number of ejections in succession, at most
  // `eject_max`. 1ms to 24h. The number falls by one for each eject_for that
  // the endpoint was well.
  Duration eject_for = std::chrono::seconds(30);
  Duration eject_max = std::chrono::minutes(5);
  // `eject_share`: at most this share of the endpoints of a role is ejected,
  // but one always can be if there are others. 0 to 1.
  double eject_share = 0.1;
  // `panic`: with less than this share of the endpoints of a role usable, all
  // are used but for those that are overloaded. 0: never, to 1.
  double panic = 0.5;
  // `slow_start`: an endpoint that has become healthy gets a share of its
  // weight that grows from a tenth in this time. 0 to 1h.
  Duration slow_start{};

  bool operator==(const HealthOptions&) const = default;
};

// `thresholds`: an endpoint past one of them is passed over.
struct ThresholdOptions {
  double cpu = 0.8;                   // 0 to 1
  double memory = 0.9;                // 0 to 1
  double requests_per_second = 1000;  // > 0; as reported
  // `valid_for`: a report holds for so long. 100ms to 1h.
  Duration valid_for = std::chrono::seconds(10);

  bool operator==(const ThresholdOptions&) const = default;
};

// `pools[]`: one pool.
struct PoolOptions {
  // `name`: 1 to 64 of [A-Za-z0-9_.-].
  std::string name;
  // `max_connections`: of the whole fleet. 1 to 1,000,000.
  int64_t max_connections = 10;
  // `max_overflow`: so many more, for peaks; their connections are to be closed
  // after use. 0 to 1,000,000.
  int64_t max_overflow = 0;
  // `acquire_timeout`: how long a caller waits for a slot at most, unless it
  // says. 0 to 1h.
  Duration acquire_timeout = std::chrono::seconds(30);
  // `max_waiting`: callers that wait in this pod. 1 to 1,000,000.
  int64_t max_waiting = 10'000;
  // `lease`: what a caller must renew within, and after which the slots of a
  // pod that died are free again. 1s to 1h. The same on all pods.
  Duration lease = std::chrono::seconds(30);
  // `leak_after`: leases held longer are reported. 0: never, to 30 days.
  Duration leak_after = std::chrono::minutes(10);
  // `retry_attempts`: how often a caller is told to try again. 0 to 100.
  int64_t retry_attempts = 3;
  // `on_store_loss`: `deny`: when the lease of this pod's slots has passed
  // nothing is given. `share`: then max_connections / pods are; if some pods
  // still reach the store the cap may be exceeded.
  bool share_on_store_loss = false;
  // `zone`: where this pod is; empty: not known.
  std::string zone;
  // `balance`.
  Balance balance = Balance::kLeastConnections;
  // `dns_refresh`: 1s to 1h.
  Duration dns_refresh = std::chrono::seconds(30);
  // `endpoints`: at most 1,000, and as many addresses. None: the pool only
  // caps.
  std::vector<EndpointOptions> endpoints;
  HealthOptions health;
  ThresholdOptions thresholds;

  bool operator==(const PoolOptions&) const = default;
};

inline constexpr size_t kMaxPools = 256;
inline constexpr size_t kMaxEndpoints = 1000;
inline constexpr size_t kMaxSessionKeyBytes = 1024;
inline constexpr size_t kMaxAvoid = 16;

// OK, or kInvalidArgument with the field's path in the pool, e.g.
// "endpoints[2].weight: must be …".
absl::Status Validate(const PoolOptions& options);

}  // namespace outrigger::pool

#endif  // OUTRIGGER_POOL_OPTIONS_H_
