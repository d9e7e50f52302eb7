// The fleet's pools in Redis: store::PoolStore by a Lua script.
//
// An exchange is one script call, which runs in Redis alone and at once, on
// Redis' own time. What is stored: redis/pool/layout.h. A pod is called to ask
// again by a key of its own that client-side tracking tells it of
// (redis/tracking/tracking.h). It has a client of its own, with its own thread
// and connections.
//
// A loss (FLUSHALL, restart, failover) is noticed before anything is given: see
// redis/epochs/epochs.h. Then the pool learns: pods are believed, and nobody is
// given anything until the longest lease that was told of since, and
// kPoolLeaseMarginUs, have passed since the loss. That a pool's keys alone are
// gone (evicted, deleted) is noticed as soon as a pod asks that knew them.
//
// What an ACL user needs (prefix "outrigger"):
//
//     ACL SETUSER outrigger on >password ~outrigger:1:*
//         &__redis__:invalidate +subscribe +client|id +client|tracking
//         +evalsha +eval +script|load +ping +info +select +role +time
//         +get +set +del +pexpire +pttl +hget +hgetall +hset +hdel
//         +zadd +zrem +zcard +zrange +zrangebyscore
//         +cluster|slots +cluster|info +asking
//
// (Redis 6.2: +client, +script and +cluster. Without a cluster neither
// +cluster|… nor +asking.) Without +subscribe, +client|… or the channel no pod
// can be called: each then asks from time to time.
//
// Memory: set maxmemory-policy to noeviction or volatile-ttl. When there is no
// memory left, pools work all the same.
#ifndef OUTRIGGER_REDIS_POOL_POOL_STORE_H_
#define OUTRIGGER_REDIS_POOL_POOL_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/random.h"
#include "redis/epochs/epochs.h"
#include "redis/epochs/script_runner.h"
#include "redis/net/client.h"
#include "redis/options.h"
#include "redis/pool/exchange_call.h"
#include "redis/pool/layout.h"
#include "redis/pool/mailbox.h"
#include "store/pool_store.h"
#include "telemetry/registry.h"
#include "telemetry/trace/tracer.h"

namespace outrigger::redis {

// Thread-safe. Callbacks and the listener run on the client's thread, or before
// the call returns. The destructor answers what is under way with kUnavailable.
class PoolStore final : public store::PoolStore {
 public:
  // `clock` is the system's. References must outlive the store. REQUIRES:
  // Validate(options).ok().
  PoolStore(const Options& options, const Clock& clock, RandomSource& random,
            telemetry::Registry& registry,
            telemetry::Tracer& tracer = telemetry::Tracer::Off());

  // Starts to connect, and does not wait for it. Before, all is kUnavailable.
  void Listen(const std::string& pod, store::PoolListener* listener) override;
  void Exchange(store::PoolRequest request, Done done) override;
  bool reachable() const override { return client_.reachable(); }

  uint64_t commands_sent() const { return client_.commands_sent(); }

 private:
  // The ledger of a pool as this pod knows it.
  struct Known {
    std::string epoch;
    std::string birth;
  };

  // kAnySlot without a cluster.
  int SlotOf(const std::string& pool) const;
  // Empty: none of this epoch.
  std::string BirthOf(const std::string& pool, const Epoch& epoch)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Remember(const std::string& pool, Known known)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const Options options_;
  telemetry::Counter& bad_replies_;
  const PoolLayout layout_;

  absl::Mutex mutex_;
  std::map<std::string, Known> known_ ABSL_GUARDED_BY(mutex_);  // by pool

  Epochs epochs_;
  ScriptRunner runner_;
  std::unique_ptr<Mailbox> mailbox_;  // set by Listen
  Client client_;                     // last: its callbacks use all above
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_POOL_POOL_STORE_H_
