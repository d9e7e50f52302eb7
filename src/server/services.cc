#include "server/services.h"

#include <string>
#include <utility>

#include "rpc/breaker/service.h"
#include "rpc/cache/service.h"
#include "rpc/pool/service.h"
#include "rpc/ratelimit/service.h"
#include "rpc/standard/reflection.h"

namespace outrigger::server {
namespace {

std::vector<std::string> Names() {
  return {ratelimit::v1::RateLimiter::service_full_name(),
          cache::v1::Cache::service_full_name(),
          breaker::v1::Breaker::service_full_name(),
          pool::v1::Pool::service_full_name(),
          grpc::health::v1::Health::service_full_name()};
}

}  // namespace

Services::Services(Parts& parts, const rpc::Instrumentation& with) {
  using grpc::reflection::v1::ServerReflection;
  using AlphaReflection = grpc::reflection::v1alpha::ServerReflection;
  Add(std::make_unique<rpc::RateLimiterService>(rpc::RateLimiterOptions{},
                                                parts.limiter(), with));
  Add(std::make_unique<rpc::CacheService>(rpc::CacheServiceOptions{},
                                          parts.cache(), with));
  Add(std::make_unique<rpc::BreakerService>(rpc::BreakerServiceOptions{},
                                            parts.breakers(), with));
  Add(std::make_unique<rpc::PoolService>(rpc::PoolServiceOptions{},
                                         parts.pools(), with));
  auto health = std::make_unique<rpc::HealthService>(Names(), with);
  health_ = health.get();
  Add(std::move(health));
  Add(std::make_unique<rpc::ReflectionService<ServerReflection>>(Names(),
                                                                 with));
  Add(std::make_unique<rpc::ReflectionService<AlphaReflection>>(Names(), with));
}

void Services::Add(std::unique_ptr<rpc::Service> service) {
  all_.push_back(service.get());
  owned_.push_back(std::move(service));
}

}  // namespace outrigger::server
