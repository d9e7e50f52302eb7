// Active health checks of pools' endpoints, and the look-ups of their names.
//
// Every endpoint of a pool that has a check (pool/options.h, Check) is checked
// every `every`, give or take a tenth; so is every address that a DNS name has.
// What the results mean (rise, fall, ejection) is pool/endpoints.h's business.
#ifndef OUTRIGGER_HEALTH_MONITOR_H_
#define OUTRIGGER_HEALTH_MONITOR_H_

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "health/findings.h"
#include "loop/resolver.h"
#include "pool/options.h"
#include "telemetry/registry.h"

namespace outrigger::health {

// Checks under way at a time, of all pools; others wait for their turn, and
// are counted as delayed. The checks of one endpoint never overlap.
inline constexpr size_t kMaxChecksUnderWay = 256;

// Owns one thread, with all connections but gRPC's own, and those of the
// resolver.
class Monitor {
 public:
  struct Settings {
    // How names are looked up.
    Resolver::Lookup lookup = SystemLookup;
    size_t max_checks_under_way = kMaxChecksUnderWay;
  };

  // Starts at once. `clock`, `random` and `registry` must outlive it.
  // REQUIRES: valid options, unique names.
  Monitor(std::vector<pool::PoolOptions> pools, const Clock& clock,
          RandomSource& random, telemetry::Registry& registry,
          Findings findings)
      : Monitor(Settings(), std::move(pools), clock, random, registry,
                std::move(findings)) {}
  Monitor(Settings settings, std::vector<pool::PoolOptions> pools,
          const Clock& clock, RandomSource& random,
          telemetry::Registry& registry, Findings findings);
  // Checks under way are dropped; waits for none of them, and nothing is found
  // afterwards.
  ~Monitor();

  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  // New options, soon. Names are looked up at once if they are new; endpoints
  // whose pool and check stay the same keep their rhythm. To be called after
  // whoever hears the findings has the new options. Thread-safe.
  // REQUIRES: as for the constructor.
  void Update(std::vector<pool::PoolOptions> pools);

 private:
  class Thread;
  const std::unique_ptr<Thread> thread_;
};

}  // namespace outrigger::health

#endif  // OUTRIGGER_HEALTH_MONITOR_H_
