// What is counted of one pool. See telemetry/pool_metrics.h.
#ifndef OUTRIGGER_COORD_POOL_POOL_COUNTERS_H_
#define OUTRIGGER_COORD_POOL_POOL_COUNTERS_H_

#include <cstdint>
#include <string>

#include "telemetry/pool_metrics.h"
#include "telemetry/registry.h"

namespace outrigger::coord {

// The instruments are the registry's. Thread-safe.
struct PoolCounters {
  PoolCounters(telemetry::Registry& registry, const std::string& pool)
      : attributes{{telemetry::kPoolNameLabel, pool}},
        wait_time(registry.GetHistogram(telemetry::kPoolWaitTime, attributes)),
        use_time(registry.GetHistogram(telemetry::kPoolUseTime, attributes)),
        timeouts(registry.GetCounter(telemetry::kPoolTimeouts, attributes)),
        expired(registry.GetCounter(telemetry::kPoolExpired, attributes)),
        leaks(registry.GetCounter(telemetry::kPoolLeaks, attributes)),
        lost(registry.GetCounter(telemetry::kPoolLost, attributes)),
        exchanged(registry.GetCounter(
            telemetry::kPoolExchanges,
            {{telemetry::kPoolNameLabel, pool}, {"result", "ok"}})),
        failed(registry.GetCounter(
            telemetry::kPoolExchanges,
            {{telemetry::kPoolNameLabel, pool}, {"result", "failed"}})),
        queue_full(registry.GetCounter(telemetry::kPoolRefused,
                                       {{"bound", "waiting"}})),
        endpoints_full(registry.GetCounter(telemetry::kPoolRefused,
                                           {{"bound", "endpoints"}})) {}

  const telemetry::Attributes attributes;
  telemetry::Histogram& wait_time;
  telemetry::Histogram& use_time;
  telemetry::Counter& timeouts;
  telemetry::Counter& expired;
  telemetry::Counter& leaks;
  telemetry::Counter& lost;
  telemetry::Counter& exchanged;
  telemetry::Counter& failed;
  telemetry::Counter& queue_full;
  telemetry::Counter& endpoints_full;
  // Leases given.
  telemetry::Counter acquired;
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_POOL_POOL_COUNTERS_H_
