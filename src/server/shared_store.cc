#include "server/shared_store.h"

#include "redis/limit_store.h"

namespace outrigger::server {

std::unique_ptr<store::LimitStore> MakeSharedStore(
    const config::Store& config, const Clock& clock, RandomSource& random,
    telemetry::Registry& registry, telemetry::Tracer& tracer) {
  if (!config.redis.has_value()) return nullptr;
  return std::make_unique<redis::LimitStore>(*config.redis, clock, random,
                                             registry, tracer);
}

}  // namespace outrigger::server
