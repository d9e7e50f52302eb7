#include "server/shared_store.h"

#include "redis/breaker/breaker_store.h"
#include "redis/cache/cache_store.h"
#include "redis/limit_store.h"
#include "redis/pool/pool_store.h"
#include "store/memory_breaker_store.h"
#include "store/memory_cache_store.h"
#include "store/memory_pool_store.h"

namespace outrigger::server {

std::unique_ptr<store::LimitStore> MakeSharedStore(
    const config::Store& config, const Clock& clock, RandomSource& random,
    telemetry::Registry& registry, telemetry::Tracer& tracer) {
  if (!config.redis.has_value()) return nullptr;
  return std::make_unique<redis::LimitStore>(*config.redis, clock, random,
                                             registry, tracer);
}

std::unique_ptr<store::CacheStore> MakeCacheStore(const config::Config& config,
                                                  const Clock& clock,
                                                  RandomSource& random,
                                                  telemetry::Registry& registry,
                                                  telemetry::Tracer& tracer) {
  if (!config.store.redis.has_value()) {
    return std::make_unique<store::MemoryCacheStore>(
        clock, static_cast<size_t>(config.cache.memory_bytes));
  }
  return std::make_unique<redis::CacheStore>(*config.store.redis, clock, random,
                                             registry, tracer);
}

std::unique_ptr<store::BreakerStore> MakeBreakerStore(
    const config::Store& config, const Clock& clock, RandomSource& random,
    telemetry::Registry& registry, telemetry::Tracer& tracer) {
  if (!config.redis.has_value()) {
    return std::make_unique<store::MemoryBreakerStore>(clock);
  }
  return std::make_unique<redis::BreakerStore>(*config.redis, clock, random,
                                               registry, tracer);
}

std::unique_ptr<store::PoolStore> MakePoolStore(const config::Store& config,
                                                const Clock& clock,
                                                RandomSource& random,
                                                telemetry::Registry& registry,
                                                telemetry::Tracer& tracer) {
  if (!config.redis.has_value()) {
    return std::make_unique<store::MemoryPoolStore>(clock);
  }
  return std::make_unique<redis::PoolStore>(*config.redis, clock, random,
                                            registry, tracer);
}

}  // namespace outrigger::server
