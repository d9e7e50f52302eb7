// The stores that pods share, if one is configured.
#ifndef OUTRIGGER_SERVER_SHARED_STORE_H_
#define OUTRIGGER_SERVER_SHARED_STORE_H_

#include <memory>

#include "base/clock.h"
#include "base/random.h"
#include "config/config.h"
#include "store/breaker_store.h"
#include "store/cache_store.h"
#include "store/limit_store.h"
#include "store/pool_store.h"
#include "telemetry/registry.h"
#include "telemetry/trace/tracer.h"

namespace outrigger::server {

// Null if `config` names none: this pod is alone. Returns at once; connecting
// goes on behind it. References must outlive the store.
std::unique_ptr<store::LimitStore> MakeSharedStore(
    const config::Store& config, const Clock& clock, RandomSource& random,
    telemetry::Registry& registry, telemetry::Tracer& tracer);

// The caches'. Without one that is shared it is in memory, and may be as large
// as the pod's own copies.
std::unique_ptr<store::CacheStore> MakeCacheStore(const config::Config& config,
                                                  const Clock& clock,
                                                  RandomSource& random,
                                                  telemetry::Registry& registry,
                                                  telemetry::Tracer& tracer);

// The breakers' and the pools'; in memory, for this pod alone, if none is
// shared.
std::unique_ptr<store::BreakerStore> MakeBreakerStore(
    const config::Store& config, const Clock& clock, RandomSource& random,
    telemetry::Registry& registry, telemetry::Tracer& tracer);
std::unique_ptr<store::PoolStore> MakePoolStore(const config::Store& config,
                                                const Clock& clock,
                                                RandomSource& random,
                                                telemetry::Registry& registry,
                                                telemetry::Tracer& tracer);

}  // namespace outrigger::server

#endif  // OUTRIGGER_SERVER_SHARED_STORE_H_
