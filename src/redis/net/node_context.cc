#include "redis/net/node_context.h"

namespace outrigger::redis {
namespace {

telemetry::Counter& OfKind(telemetry::Registry& registry,
                           const telemetry::MetricInfo& info,
                           const char* kind) {
  return registry.GetCounter(info, {{"kind", kind}});
}

}  // namespace

RedisCounters::RedisCounters(telemetry::Registry& registry)
    : commands(registry.GetCounter(telemetry::kRedisCommands)),
      timeouts(OfKind(registry, telemetry::kRedisErrors, "timeout")),
      disconnected(OfKind(registry, telemetry::kRedisErrors, "disconnected")),
      refused(OfKind(registry, telemetry::kRedisErrors, "refused")),
      bad_replies(OfKind(registry, telemetry::kRedisErrors, "reply")),
      moved(OfKind(registry, telemetry::kRedisRedirects, "moved")),
      ask(OfKind(registry, telemetry::kRedisRedirects, "ask")),
      again(OfKind(registry, telemetry::kRedisRedirects, "again")),
      noscript(registry.GetCounter(telemetry::kRedisNoscript)),
      reconnects(registry.GetCounter(telemetry::kRedisReconnects)),
      queue_full(registry.GetCounter(telemetry::kRedisQueueFull)) {}

}  // namespace outrigger::redis
