// What all connections of one client share.
#ifndef OUTRIGGER_REDIS_NET_NODE_CONTEXT_H_
#define OUTRIGGER_REDIS_NET_NODE_CONTEXT_H_

#include <atomic>
#include <chrono>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/random.h"
#include "loop/resolver.h"
#include "redis/net/event_loop.h"
#include "redis/options.h"
#include "telemetry/log.h"
#include "telemetry/registry.h"

namespace outrigger::redis {

// The counters of telemetry/metrics.h, bound once.
struct RedisCounters {
  explicit RedisCounters(telemetry::Registry& registry);

  telemetry::Counter& commands;
  telemetry::Counter& timeouts;
  telemetry::Counter& disconnected;
  telemetry::Counter& refused;
  telemetry::Counter& bad_replies;
  telemetry::Counter& moved;
  telemetry::Counter& ask;
  telemetry::Counter& again;
  telemetry::Counter& noscript;
  telemetry::Counter& reconnects;
  telemetry::Counter& queue_full;
};

// For troubles that go on for long: each is logged once a minute, not once a
// try.
inline constexpr telemetry::HoldBack kOnceAMinute{
    .most = 1, .window = std::chrono::minutes(1)};

// References outlive the client's thread.
struct NodeContext {
  const Options& options;
  EventLoop& loop;
  Resolver& resolver;
  const Clock& clock;
  RandomSource& random;
  const telemetry::Log& log;
  const telemetry::Log& held_back;  // kOnceAMinute
  RedisCounters& counters;
  // Commands written, those sent again included.
  std::atomic<uint64_t>& sent;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_NODE_CONTEXT_H_
