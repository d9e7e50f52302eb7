// The fleet's caches in Redis: store::CacheStore by plain reads and Lua
// scripts.
//
// A value is read by GET; all that decides (leases, writes, removals,
// invalidations) is one script call, which runs in Redis alone and at once, on
// Redis' own time. What is stored: redis/cache/layout.h. Changes are heard of
// by client-side tracking: redis/tracking/tracking.h.
//
// It has a client of its own, with its own thread and connections: a value of
// megabytes must not stand before a limit's decision. It can stand before other
// values, so options.timeout must be enough for the longest.
//
// What an ACL user needs (prefix "outrigger"), besides what the limits do:
//
//     ACL SETUSER outrigger on >password ~outrigger:1:*
//         &__redis__:invalidate +subscribe +client|id +client|tracking
//         +evalsha +eval +script|load +ping +info +select +role +time
//         +get +getrange +mget +set +setrange +del +exists +pexpire +pttl
//         +lpop +lpush +rpush +llen +lrange
//         +xadd +xgroup|create +xreadgroup +xautoclaim +xrange +xack +xdel
//         +zadd +zincrby +zscore +zrem +zrevrange +zunionstore
//         +zremrangebyscore +zremrangebyrank
//         +cluster|slots +cluster|info +asking
//
// (Redis 6.2: +client, +xgroup, +script and +cluster. Without a cluster neither
// +cluster|… nor +asking.) A user without +subscribe, +client|… or the channel
// gets values, but no copy of them counts as coherent.
//
// Memory: set maxmemory, and maxmemory-policy to volatile-ttl or noeviction. An
// evicted value is a miss, and told of. But an evicted mark is an invalidation
// that never was: volatile-ttl drops marks last, as they live longest; the
// policies by use would drop them first. When there is no memory, values are
// not stored (kUnavailable), but still removed and invalidated. The journal is
// not evicted under these policies, and not bounded: it grows until it is
// acknowledged.
#ifndef OUTRIGGER_REDIS_CACHE_CACHE_STORE_H_
#define OUTRIGGER_REDIS_CACHE_CACHE_STORE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "redis/cache/calls.h"
#include "redis/cache/relay.h"
#include "redis/cache/store_clock.h"
#include "redis/net/client.h"
#include "redis/net/client_hooks.h"
#include "redis/options.h"
#include "store/cache_store.h"
#include "telemetry/registry.h"
#include "telemetry/trace/tracer.h"

namespace outrigger::redis {

// Thread-safe. Callbacks and the listener run on the client's thread, or before
// the call returns. Nothing whose outcome is unknown is repeated. The
// destructor answers what is under way with kUnavailable.
class CacheStore final : public store::CacheStore {
 public:
  // `clock` is the system's. References must outlive the store. Starts to
  // connect, and does not wait for it. REQUIRES: Validate(options).ok().
  CacheStore(const Options& options, const Clock& clock, RandomSource& random,
             telemetry::Registry& registry,
             telemetry::Tracer& tracer = telemetry::Tracer::Off());

  void Listen(store::CacheListener* listener) override;
  // Of a key that holds no text, but somebody's list, "?" is read: no record.
  void Read(store::CacheKey key, Callback<std::string> done) override;
  void ReadHeader(store::CacheKey key, Callback<std::string> done) override;
  void Acquire(store::AcquireRequest request,
               Callback<store::AcquireReply> done) override;
  // kResourceExhausted beyond kMaxWriteBytes.
  void Write(store::WriteRequest request,
             Callback<store::WriteReply> done) override;
  void Remove(store::RemoveRequest request, Callback<bool> done) override;
  void Abandon(store::CacheKey key, store::CacheToken token,
               Done done) override;
  void AddMarks(store::MarkRequest request, Callback<uint64_t> done) override;
  void ReadMarks(std::string ns, Callback<store::Marks> done) override;
  void ReadTags(std::string ns, std::vector<std::string> tags,
                Callback<std::vector<store::TagMarks>> done) override;
  void Append(std::string ns, store::JournalEntry entry,
              Callback<std::string> done) override;
  // At most some 8 MiB, and one entry more.
  void Pull(store::PullRequest request,
            Callback<std::vector<store::JournalEntry>> done) override;
  void Acknowledge(std::string ns, std::vector<std::string> ids,
                   Done done) override;
  void AddHotKeys(std::string ns, std::vector<store::HotKey> keys,
                  Done done) override;
  void ReadHotKeys(std::string ns, int most,
                   Callback<std::vector<store::HotKey>> done) override;
  int64_t NowMs() const override { return store_clock_.NowUs() / 1000; }
  bool reachable() const override { return client_.reachable(); }
  MonotonicTime heard_until() const override { return relay_.heard_until(); }

  uint64_t commands_sent() const { return client_.commands_sent(); }

  // Bytes of records and journal entries that are on their way.
  static constexpr int64_t kMaxWriteBytes = 128 << 20;

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
  void Tell(std::unique_ptr<Command> command, Done done);
  void ReadText(std::unique_ptr<Command> command, Callback<std::string> done);
  template <typename T, typename Make, typename Parse>
  void AskToKeep(size_t bytes, Callback<T> done, Make make, Parse parse);

  telemetry::Counter& bad_replies_;
  telemetry::Counter& refused_;
  CacheCalls calls_;
  StoreClock store_clock_;
  CacheRelay relay_;
  Hooks hooks_;
  std::atomic<int64_t> write_bytes_{0};
  Client client_;  // last: its callbacks use all above
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_CACHE_CACHE_STORE_H_
