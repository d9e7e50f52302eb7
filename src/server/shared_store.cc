#include "server/shared_store.h"

#include "redis/limit_store.h"

namespace outrigger::server {

std::unique_ptr<store::LimitStore> MakeSharedStore(
    const config::Store& config, const Clock& clock, RandomSource& random,
    telemetry::Registry& registry) {
  if (!config.redis.has_value()) return nullptr;
  return std::make_unique<redis::LimitStore>(*config.redis, clock, random,
                                             registry);
}

}  // namespace outrigger::server
