// What decides: the limiter, the cache, the breakers and the pools, with their
// stores.
#ifndef OUTRIGGER_SERVER_PARTS_H_
#define OUTRIGGER_SERVER_PARTS_H_

#include <memory>

#include "base/clock.h"
#include "base/random.h"
#include "base/timer_thread.h"
#include "config/config.h"
#include "coord/breaker/breakers.h"
#include "coord/cache/cache.h"
#include "coord/limit/limiter.h"
#include "coord/pool/pools.h"
#include "health/monitor.h"
#include "store/breaker_store.h"
#include "store/cache_store.h"
#include "store/limit_store.h"
#include "store/pool_store.h"
#include "telemetry/log.h"
#include "telemetry/registry.h"
#include "telemetry/trace/tracer.h"

namespace outrigger::server {

// The stores connect behind it. Update is for one thread at a time, not during
// or after Drain.
class Parts {
 public:
  // All references must outlive it.
  Parts(const config::Config& config, const Clock& clock, RandomSource& random,
        telemetry::Registry& registry, telemetry::Tracer& tracer);
  // Without Drain, leases lapse. Nobody may ask the parts any more.
  ~Parts();

  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  coord::Limiter& limiter() { return *limiter_; }
  coord::Cache& cache() { return *cache_; }
  coord::Breakers& breakers() { return *breakers_; }
  coord::Pools& pools() { return *pools_; }

  // What follows the file while running: limits, breakers, pools.
  void Update(const config::Config& next);

  // Those who wait for others are answered.
  void EndWaits();

  // Gives to the stores what the fleet shall have: leases, waiting writes,
  // probes, slots. Nobody may ask any more. Blocks for at most a few seconds;
  // says what could not be given.
  void Drain();

 private:
  void MakeMonitor(const config::Config& config, RandomSource& random,
                   telemetry::Registry& registry);

  const Clock& clock_;
  const telemetry::Log log_;

  // In the order of their construction; each uses those above it.
  TimerThread timers_;
  std::unique_ptr<store::LimitStore> limit_store_;
  std::unique_ptr<coord::Limiter> limiter_;
  std::unique_ptr<store::CacheStore> cache_store_;
  std::unique_ptr<coord::Cache> cache_;
  std::unique_ptr<store::BreakerStore> breaker_store_;
  std::unique_ptr<coord::Breakers> breakers_;
  std::unique_ptr<store::PoolStore> pool_store_;
  std::unique_ptr<coord::Pools> pools_;
  std::unique_ptr<health::Monitor> monitor_;
};

}  // namespace outrigger::server

#endif  // OUTRIGGER_SERVER_PARTS_H_
