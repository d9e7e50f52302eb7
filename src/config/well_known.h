// The environment variables that other software uses too.
//
//   RATE_LIMIT_REQUESTS_PER_MINUTE=N  the limit `default` with the rate N/1m,
//   RATE_LIMIT_PER_SECOND=N           or N/1s: one bucket for all requests. A
//                                     limit of that name in the file keeps its
//                                     other options. If both are set, they are
//                                     two limits, default_per_minute and
//                                     default_per_second.
//   RATE_LIMIT_BURST_SIZE=N           their burst, or that of the file's
//                                     `default`.
//   RATE_LIMIT_USE_REDIS=false        the embedded store, whatever else says
//                                     that there is a Redis; =true: Redis, on
//                                     127.0.0.1:6379 if nothing says where.
//
// OpenTelemetry's are in config/otel/variables.h.
//
// These make the cache's namespace `default`, or change it:
//
//   CACHE_MAX_SIZE=N                  its max_entries.
//   CACHE_DEFAULT_TTL=N               its ttl, in seconds; or a duration, "5m".
//   CACHE_EVICTION_POLICY=LRU         its policy, in any case.
//   CACHE_COMPRESSION_THRESHOLD=N     its compress_over, in bytes; or a size.
//   CACHE_COMPRESSION_ENABLED=false   compress_over is off, whatever its
//                                     threshold; =true: it is not off.
//
// These hold for every breaker, and every pool, that does not say otherwise in
// the file. If there is none they make one, `default`:
//
//   CIRCUIT_BREAKER_FAILURE_THRESHOLD=N    consecutive_failures.
//   CIRCUIT_BREAKER_RECOVERY_TIMEOUT=N     open_for, in seconds; or a duration.
//   CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS=N  half_open_probes.
//   CONNECTION_POOL_MAX_CONNECTIONS=N      max_connections.
//   CONNECTION_POOL_TIMEOUT=N              acquire_timeout, in seconds; or a
//                                          duration.
//   CONNECTION_POOL_RETRY_ATTEMPTS=N       retry_attempts.
//
// An empty value counts as unset.
#ifndef OUTRIGGER_CONFIG_WELL_KNOWN_H_
#define OUTRIGGER_CONFIG_WELL_KNOWN_H_

#include "config/environment.h"
#include "config/text/node.h"
#include "config/text/problem.h"

namespace outrigger::config {

// Puts all but RATE_LIMIT_USE_REDIS into the tree. Call before
// OverlayEnvironment, whose variables are stronger.
void OverlayWellKnown(const Environment& environment, Node& root,
                      Problems& problems);

// Puts RATE_LIMIT_USE_REDIS into the tree. Call after OverlayEnvironment: it
// decides whether there is a Redis, whatever says where.
void OverlayRedisSwitch(const Environment& environment, Node& root,
                        Problems& problems);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_WELL_KNOWN_H_
