// What is counted of a breaker, all its methods together, and said in the log.
#ifndef OUTRIGGER_COORD_BREAKER_COUNTERS_H_
#define OUTRIGGER_COORD_BREAKER_COUNTERS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "coord/breaker/entry/effects.h"
#include "store/breaker_store.h"
#include "telemetry/breaker_metrics.h"
#include "telemetry/log.h"
#include "telemetry/registry.h"

namespace outrigger::coord {

// "closed" and so on, as in metrics and logs.
absl::string_view BreakerStateName(BreakerState state);

// Thread-safe.
class BreakerCounters {
 public:
  // `registry` and `clock` must outlive it.
  BreakerCounters(std::string breaker, const Clock& clock,
                  telemetry::Registry& registry);

  telemetry::Counter& succeeded;
  telemetry::Counter& failed;
  telemetry::Counter& ignored;
  telemetry::Counter& slow;
  telemetry::Counter& dropped;
  telemetry::Counter& probes_sent;
  telemetry::Counter& probes_succeeded;
  telemetry::Counter& probes_failed;
  telemetry::Counter& probes_returned;
  telemetry::Counter& probes_expired;
  telemetry::Counter& shared_methods;
  telemetry::Counter& parked_full;

  // A change of state of this breaker or one of its methods'.
  void Note(const store::BreakerKey& key, const BreakerEvent& event);
  void NoteDamage(const store::BreakerKey& key);

 private:
  const std::string breaker_;
  telemetry::Registry& registry_;
  const telemetry::Log log_;
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_BREAKER_COUNTERS_H_
