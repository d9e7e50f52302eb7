// What all connections of one client share.
#ifndef OUTRIGGER_REDIS_NET_NODE_CONTEXT_H_
#define OUTRIGGER_REDIS_NET_NODE_CONTEXT_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/random.h"
#include "redis/net/event_loop.h"
#include "redis/net/resolver.h"
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

// Logs what goes on for long once a minute, not once a try. On one thread.
class HeldBackLog {
 public:
  HeldBackLog(const telemetry::Log& log, const Clock& clock)
      : log_(log), clock_(clock) {}

  // `what` names the trouble; the same one is logged at most once a minute.
  // Keeps at most 100 names.
  void Error(const std::string& what, const telemetry::LogFields& fields);

 private:
  const telemetry::Log& log_;
  const Clock& clock_;
  std::map<std::string, MonotonicTime> last_;
};

// References outlive the client's thread.
struct NodeContext {
  const Options& options;
  EventLoop& loop;
  Resolver& resolver;
  const Clock& clock;
  RandomSource& random;
  const telemetry::Log& log;
  HeldBackLog& held_back;
  RedisCounters& counters;
  // Commands written, those sent again included.
  std::atomic<uint64_t>& sent;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_NODE_CONTEXT_H_
