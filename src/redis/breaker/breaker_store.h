// The fleet's breakers in Redis: store::BreakerStore by Lua scripts.
//
// Each operation is one script call, which runs in Redis alone and at once, on
// Redis' own time. What is stored: redis/breaker/layout.h. Changes of records
// are heard of by client-side tracking (redis/tracking/tracking.h), within
// milliseconds. It has a client of its own, with its own thread and
// connections.
//
// What an ACL user needs (prefix "outrigger"):
//
//     ACL SETUSER outrigger on >password ~outrigger:1:*
//         &__redis__:invalidate +subscribe +client|id +client|tracking
//         +evalsha +eval +script|load +ping +info +select +role +time
//         +get +set +del +pexpire +pttl +hget +hmget +hset +hdel
//         +zadd +zrem +zcard +zrangebyscore
//         +cluster|slots +cluster|info +asking
//
// (Redis 6.2: +client, +script and +cluster. Without a cluster neither
// +cluster|… nor +asking.) Without +subscribe, +client|… or the channel no pod
// hears of another's changes: each then looks from time to time.
//
// Memory: set maxmemory-policy to noeviction or volatile-ttl: a record that was
// forced by hand has no expiry, and the others count as long as they stand.
#ifndef OUTRIGGER_REDIS_BREAKER_BREAKER_STORE_H_
#define OUTRIGGER_REDIS_BREAKER_BREAKER_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "redis/breaker/calls.h"
#include "redis/breaker/relay.h"
#include "redis/net/client.h"
#include "redis/net/client_hooks.h"
#include "redis/options.h"
#include "store/breaker_store.h"
#include "telemetry/registry.h"
#include "telemetry/trace/tracer.h"

namespace outrigger::redis {

// Thread-safe. Callbacks and the listener run on the client's thread, or before
// the call returns. The destructor answers what is under way with kUnavailable.
class BreakerStore final : public store::BreakerStore {
 public:
  // `clock` is the system's. References must outlive the store. REQUIRES:
  // Validate(options).ok().
  BreakerStore(const Options& options, const Clock& clock, RandomSource& random,
               telemetry::Registry& registry,
               telemetry::Tracer& tracer = telemetry::Tracer::Off());

  // Starts to connect, and does not wait for it. Before, all is kUnavailable.
  void Listen(store::BreakerListener* listener) override;
  void Read(store::BreakerKey key, Callback<store::BreakerReply> done) override;
  void Report(store::BreakerReport report,
              Callback<store::BreakerReply> done) override;
  void Swap(store::BreakerSwap swap,
            Callback<store::BreakerSwapReply> done) override;
  bool reachable() const override { return client_.reachable(); }

  uint64_t commands_sent() const { return client_.commands_sent(); }

 private:
  // Loads the scripts on every new connection.
  class Hooks final : public ClientHooks {
   public:
    std::vector<std::unique_ptr<Command>> OnLogin(
        const ServerInfo& server,
        const std::function<bool(uint16_t)>& serves) override;
    std::vector<std::unique_ptr<Command>> OnFailover(
        const std::vector<uint16_t>&) override {
      return {};
    }
  };

  template <typename T, typename Parse>
  void Ask(std::unique_ptr<Command> command, Callback<T> done, Parse parse);

  telemetry::Counter& bad_replies_;
  const BreakerCalls calls_;
  BreakerRelay relay_;
  Hooks hooks_;
  Client client_;  // last: its callbacks use all above
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_BREAKER_BREAKER_STORE_H_
