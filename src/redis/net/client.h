// A Redis client: commands in, answers out, whatever happens to the servers.
//
//     Client client(options, clock, random, registry);
//     client.Start(/*hooks=*/nullptr);
//     client.Send(MakeCommand({"GET", key}, KeySlot(key),
//                             [](absl::StatusOr<Reply> reply) { … }));
//
// Every command is answered within about options.timeout, or at once while the
// server is known to be out of reach; up to 2 s while values of megabytes are
// moving on its connection. A command whose outcome is unknown is
// never repeated; one that was not sent, or was turned away by a redirect, is
// sent on within its deadline.
//
// Other threads post commands without a lock; one thread owns all connections,
// pipelines what has come together, and runs all callbacks. Nothing waits for
// Redis.
#ifndef OUTRIGGER_REDIS_NET_CLIENT_H_
#define OUTRIGGER_REDIS_NET_CLIENT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "redis/net/client_hooks.h"
#include "redis/net/command_metrics.h"
#include "redis/net/node_context.h"
#include "redis/net/post_queue.h"
#include "redis/options.h"
#include "redis/tracking/listener.h"
#include "redis/wire/command.h"
#include "telemetry/log.h"
#include "telemetry/registry.h"

namespace outrigger::redis {

// Thread-safe.
class Client {
 public:
  // `clock` is the system's; all references outlive the client. REQUIRES:
  // Validate(options).ok().
  Client(Options options, const Clock& clock, RandomSource& random,
         telemetry::Registry& registry,
         telemetry::Tracer& tracer = telemetry::Tracer::Off());

  // Commands under way are answered with kUnavailable; those just posted are
  // still handed to the kernel if Redis is connected. Joins the thread. No
  // Send may run meanwhile, except by callbacks.
  ~Client();

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Begins to connect; before, commands are answered with kUnavailable. Once.
  // `hooks` may be null, else it outlives the client. With `tracking` it also
  // hears of changes, over connections of their own.
  void Start(ClientHooks* hooks, TrackingPlan tracking = {});

  // Errors: kUnavailable (out of reach, not sent, refused for now, or lost with
  // its connection), also if options.max_in_flight are under way;
  // kDeadlineExceeded (the outcome is unknown); kInternal (an error reply that
  // we did not expect).
  void Send(std::unique_ptr<Command> command);

  // False before Start, and while some server that is needed is known to be out
  // of reach.
  bool reachable() const { return reachable_.load(std::memory_order_relaxed); }
  // Commands written to connections, repeated ones included; not what the
  // client asks for itself.
  uint64_t commands_sent() const {
    return sent_.load(std::memory_order_relaxed);
  }
  // Commands not answered yet.
  int64_t in_flight() const { return metrics_.in_flight(); }
  const Options& options() const { return options_; }

 private:
  void Run(ClientHooks* hooks, const TrackingPlan& plan);

  const Options options_;
  const Clock& clock_;
  RandomSource& random_;
  const telemetry::Log log_;
  RedisCounters counters_;
  CommandMetrics metrics_;
  std::atomic<uint64_t> sent_{0};
  std::atomic<bool> reachable_{false};
  std::atomic<bool> failing_{true};  // Send answers inline
  PostQueue posted_;
  EventLoop loop_;
  telemetry::Observation observation_;
  std::thread thread_;  // last: it uses all above
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_CLIENT_H_
