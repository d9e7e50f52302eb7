// The fleet's limits in Redis: store::LimitStore by Lua scripts.
//
// Each operation is one script call, which runs in Redis alone and at once, on
// Redis' own time; with several slots of a cluster, one for each slot. What is
// stored: redis/limits/layout.h. What an ACL user needs (prefix "outrigger"):
//
//     ACL SETUSER outrigger on >password ~outrigger:1:* +evalsha +eval
//         +script|load +ping +info +select +role +time +get +mget +set +del
//         +lindex +llen +ltrim +rpush +pexpire +zadd +zremrangebyscore +zcard
//         +zrem +cluster|slots +asking
//
// (Redis 6.2: +script and +cluster; without Sentinel no +role, without a
// cluster neither +cluster|slots nor +asking.)
//
// Set maxmemory-policy to noeviction: an evicted bucket counts as full. A loss
// of everything (FLUSHALL, restart, failover) is noticed, and nothing is lent
// until all leases have lapsed: see redis/epochs/epochs.h.
#ifndef OUTRIGGER_REDIS_LIMIT_STORE_H_
#define OUTRIGGER_REDIS_LIMIT_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "redis/epochs/epochs.h"
#include "redis/epochs/script_runner.h"
#include "redis/net/client.h"
#include "redis/options.h"
#include "store/limit_store.h"
#include "telemetry/registry.h"

namespace outrigger::redis {

// Thread-safe. Callbacks run on the client's thread, or before the call
// returns. The destructor answers what is under way with kUnavailable.
class LimitStore final : public store::LimitStore {
 public:
  // `clock` is the system's. References must outlive the store. Starts to
  // connect, and does not wait for it. REQUIRES: Validate(options).ok().
  LimitStore(const Options& options, const Clock& clock, RandomSource& random,
             telemetry::Registry& registry,
             telemetry::Tracer& tracer = telemetry::Tracer::Off());

  // In a cluster whose buckets of one request lie in several slots these are
  // taken one after another, and given back when a later one denies.
  void Take(store::TakeRequest request,
            Callback<store::TakeReply> done) override;
  void Lease(store::LeaseRequest request,
             Callback<store::LeaseReply> done) override;
  void Refund(store::BucketRef bucket, double cost,
              absl::AnyInvocable<void(absl::Status)> done) override;
  void Adjust(store::AdjustRequest request, Callback<double> done) override;
  void Heartbeat(const std::string& pod, Callback<uint32_t> done) override;
  void Leave(const std::string& pod) override;
  uint64_t commands_sent() const override { return client_.commands_sent(); }
  bool reachable() const override { return client_.reachable(); }

 private:
  // kAnySlot without a cluster.
  int SlotOf(const store::BucketRef& bucket) const;
  int PodsSlot() const;
  // All items' buckets lie in one slot.
  void TakeTogether(store::TakeRequest request,
                    Callback<store::TakeReply> done);
  void TakeOne(store::TakeRequest request, Callback<store::TakeReply> done);
  template <typename T>
  absl::StatusOr<T> Counted(absl::StatusOr<T> parsed);

  const Options options_;
  telemetry::Counter& bad_replies_;
  Epochs epochs_;
  ScriptRunner runner_;
  Client client_;  // last: its callbacks use all above
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_LIMIT_STORE_H_
