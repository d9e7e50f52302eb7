// The configured limits of a limiter, compiled; replaced as a whole by a
// reload.
#ifndef OUTRIGGER_COORD_LIMIT_LIMIT_SET_H_
#define OUTRIGGER_COORD_LIMIT_LIMIT_SET_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "limit/matcher.h"
#include "telemetry/instruments/gauge.h"
#include "telemetry/registry.h"

namespace outrigger::coord {

// What a limit has across reloads: its name, number and counters.
struct LimitState {
  std::string name;
  uint16_t id = 0;
  telemetry::Counter* allowed = nullptr;
  telemetry::Counter* denied = nullptr;
  telemetry::Counter* shadow_denied = nullptr;
  telemetry::Counter* degraded = nullptr;
  telemetry::Counter* local = nullptr;
  // Made at the first wait: most limits never see one.
  std::atomic<telemetry::Histogram*> waits{nullptr};
  // Share of the burst in use at the latest decision.
  telemetry::Gauge used;
  // An adaptive limit's latest rate, in tokens per second; 0: not known yet.
  std::atomic<double> adaptive_rate{0};
};

// Immutable but for the counters.
struct LimitSet {
  explicit LimitSet(std::vector<limit::LimitConfig> configs)
      : matcher(std::move(configs)) {}
  limit::Matcher matcher;
  std::vector<LimitState*> states;  // by index in matcher.limits()
  std::vector<int> index_by_id;     // by LimitState::id; -1: not any more
};

// Holds the current set. Thread-safe.
class LimitSets {
 public:
  explicit LimitSets(telemetry::Registry& registry) : registry_(registry) {}

  // Makes `configs` the current set. Limits keep their state by name.
  void Update(std::vector<limit::LimitConfig> configs)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Counts a call that waited for tokens of this limit.
  void RecordWait(LimitState& limit, Duration waited);

  // Adds outrigger.allow.used of the current limits.
  void ObserveUse(telemetry::Observations& seen) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  // The current set. Takes no lock unless the set has changed since this thread
  // last asked; the reference holds until this thread asks again.
  const std::shared_ptr<const LimitSet>& Current() const
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  LimitState* StateOf(const std::string& name)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  telemetry::Registry& registry_;
  std::atomic<uint64_t> version_{0};  // unique among all LimitSets
  mutable absl::Mutex mutex_;
  std::shared_ptr<const LimitSet> current_ ABSL_GUARDED_BY(mutex_);
  // Never dropped: there are as many as names were ever configured.
  absl::flat_hash_map<std::string, std::unique_ptr<LimitState>> states_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_LIMIT_LIMIT_SET_H_
