// How caches are configured, validated.
#ifndef OUTRIGGER_CACHE_OPTIONS_H_
#define OUTRIGGER_CACHE_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"

namespace outrigger::cache {

// Which entries leave L1 when it is full.
enum class Policy : uint8_t {
  kLru,      // the least recently read
  kLfu,      // the least often read
  kTtl,      // the one that expires first
  kS3Fifo,   // Yang et al., "FIFO queues are all you need for cache eviction",
             // SOSP 2023
  kTinyLfu,  // Einziger et al., W-TinyLFU, "TinyLFU: A Highly Efficient Cache
             // Admission Policy", ACM ToS 2017, with an adaptive window
};

// "lru", "lfu", "ttl", "s3fifo", "tinylfu".
absl::string_view PolicyName(Policy policy);

// `cache.namespaces[]`: one namespace.
struct NamespaceOptions {
  // `name`: 1 to 64 of [A-Za-z0-9_.-].
  std::string name;
  // `ttl`: fresh for this long. 1ms to 30 days.
  Duration ttl = std::chrono::minutes(5);
  // `ttl_jitter`: each value's ttl is shortened by a random share up to this,
  // so that what was stored together does not expire together. 0 to 0.5.
  double ttl_jitter = 0.05;
  // `stale_for`: may be served stale for this long after its ttl, and while the
  // store is out of reach. 0 to 30 days.
  Duration stale_for = std::chrono::seconds(30);
  // `absent_ttl`: how long it is remembered that there is no value. 1ms to 30
  // days.
  Duration absent_ttl = std::chrono::seconds(10);
  // `fill_timeout`: how long a caller has to load before another may. 10ms to
  // 1h.
  Duration fill_timeout = std::chrono::seconds(5);
  // `policy`.
  Policy policy = Policy::kS3Fifo;
  // `memory`: of L1, bookkeeping included. 0: an equal share of what other
  // namespaces leave of cache.memory.
  int64_t memory_bytes = 0;
  // `max_entries`: of L1, 0 to 100,000,000. 0: no L1, every Get asks the store.
  int64_t max_entries = 1'000'000;
  // `max_value`: longest value, 1 to 64MiB.
  int64_t max_value_bytes = 8 << 20;
  // `compress_over`: longer values are compressed in the store where that saves
  // enough; -1 ("off"): none.
  int64_t compress_over = 1 << 10;
  // `early_refresh`: beta of XFetch (Vattani et al., "Optimal Probabilistic
  // Cache Stampede Prevention", VLDB 2015): larger refreshes earlier. 0: never
  // before the ttl has passed. 0 to 10.
  double early_refresh = 1;
  // `refresh_ahead`: keys that are read with a rhythm, and would have expired
  // at their next read, are refreshed at the read before.
  bool refresh_ahead = false;
  // `refresh_ahead_per_second`: at most so many such refreshes, in this pod. 1
  // to 100,000.
  int64_t refresh_ahead_per_second = 10;
  // `warm`: how many of the fleet's hot keys a new pod copies. 0 to 10,000.
  int64_t warm = 1000;
  // `write_behind`: Set may append to the namespace's journal.
  bool write_behind = false;
  // `max_pending_writes`: write-behind kept in this pod while the store is out
  // of reach; more are refused. 0 to 1,000,000.
  int64_t max_pending_writes = 10'000;

  bool operator==(const NamespaceOptions&) const = default;
};

// `cache`.
struct Options {
  // `memory`: of all namespaces' L1. 1MiB to 1TiB. In a sidecar without Redis
  // it also bounds, once more, the embedded store.
  int64_t memory_bytes = 64 << 20;
  // `namespaces`: names unique, at most 256. None configured: one, "default".
  std::vector<NamespaceOptions> namespaces;

  bool operator==(const Options&) const = default;
};

inline constexpr size_t kMaxNamespaces = 256;
inline constexpr Duration kLongestTtl = std::chrono::hours(30 * 24);

// OK, or kInvalidArgument with the field's path in the namespace, e.g. "ttl:
// must be …".
absl::Status Validate(const NamespaceOptions& options);

// The L1 memory of each namespace, in order. kInvalidArgument if the configured
// ones leave less than 64 KiB to each of the others, or are more than there is.
absl::Status ShareMemory(Options& options);

}  // namespace outrigger::cache

#endif  // OUTRIGGER_CACHE_OPTIONS_H_
