// What caches, breakers and pools did lately, where the program has them.
#ifndef OUTRIGGER_ANALYSER_SEEN_PARTS_H_
#define OUTRIGGER_ANALYSER_SEEN_PARTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "analyser/history/change.h"
#include "analyser/history/ring.h"
#include "analyser/history/sliding.h"
#include "analyser/seen/named_table.h"
#include "telemetry/snapshot.h"

namespace outrigger::analyser {

// What kCacheRequests has, {cache, result}; results:
inline constexpr const char* kCacheResults[] = {"hit", "stale", "negative",
                                                "miss"};
inline constexpr size_t kCacheResultCount = 4;
// What kBreakerState has, {breaker, state}; states, the worst last:
inline constexpr const char* kBreakerStates[] = {
    "closed",    "forced_closed", "metrics_only",
    "half_open", "open",          "forced_open"};

inline constexpr size_t kPartPoints = 60;  // of a history, one a second
inline constexpr size_t kPartRecent = 10;  // seconds that rates are over

// Two sums whose quotient is a share. A value.
struct ShareSums {
  double part = 0;
  double whole = 0;

  ShareSums& operator+=(const ShareSums& other) {
    part += other.part;
    whole += other.whole;
    return *this;
  }
  // Unset if there is no whole.
  std::optional<double> share() const {
    if (whole <= 0) return std::nullopt;
    return part / whole;
  }
};

// A value for each of the last seconds, and their mean.
class RecentRate {
 public:
  void Push(double rate, const Step& step);
  double mean() const;

 private:
  Ring<float, kPartRecent> rates_;
};

struct Cache {
  std::array<Grown, kCacheResultCount> grown;
  std::array<double, kCacheResultCount> came{};  // in the latest step
  std::array<RecentRate, kCacheResultCount> rates;
  Sliding<ShareSums> hits;             // all but misses, and all
  Ring<float, kPartPoints> hit_rates;  // NaN: no requests

  double rate() const;
};

struct Breaker {
  static constexpr size_t kChanges = 20;
  struct Change {
    double at = 0;  // unix seconds
    int8_t state = 0;
  };

  int state = 0;  // in kBreakerStates
  Grown transitions_grown;
  Grown rejected_grown;
  Sliding<double> transitions;
  RecentRate rejected;
  Ring<Change, kChanges> changes;
};

struct Pool {
  double used = 0;         // by this pod
  double idle = 0;         // this pod's
  double fleet_slots = 0;  // of all pods, as last heard
  std::optional<double> limit;
  double waiting = 0;
  Grown timeouts_grown;
  Sliding<ShareSums> use;  // slots in use and slots, times seconds
  RecentRate timeouts;
  Ring<float, kPartPoints> lease_history;

  // What is left of the cap for nobody: all slots but those that are idle here.
  double leases() const;
};

// All of them; at most kMost of each kind.
class Parts {
 public:
  static constexpr size_t kMost = 64;

  void Update(const telemetry::Snapshot& snapshot, const Step& step);

  const NamedTable<Cache, kMost>& caches() const { return caches_; }
  const NamedTable<Breaker, kMost>& breakers() const { return breakers_; }
  const NamedTable<Pool, kMost>& pools() const { return pools_; }
  // Of all caches, and all pools, in the latest step.
  const ShareSums& hits_now() const { return hits_now_; }
  const ShareSums& use_now() const { return use_now_; }

 private:
  void UpdateCaches(const telemetry::Snapshot& snapshot, const Step& step);
  void UpdateBreakers(const telemetry::Snapshot& snapshot, const Step& step);
  void UpdatePools(const telemetry::Snapshot& snapshot, const Step& step);

  NamedTable<Cache, kMost> caches_;
  NamedTable<Breaker, kMost> breakers_;
  NamedTable<Pool, kMost> pools_;
  ShareSums hits_now_;
  ShareSums use_now_;
};

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_SEEN_PARTS_H_
