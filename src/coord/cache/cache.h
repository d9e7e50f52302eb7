// The cache as a pod sees it: L1 joined to what the fleet shares.
//
//     L1, verified ─miss→ the store ─miss→ a lease: one loader in the fleet
//
// What "coherent" means, for an answer that says so: it was read from the store
// after the question came, or it is an L1 copy while this pod hears of every
// change (one tracking connection for each Redis master) and has heard of none.
// So it is no older than anything that was written or invalidated through this
// pod before the question, and, through other pods, than what happened before
// the time that a message needs (or, if a link hangs unnoticed, than the
// heartbeat's interval and timeout). Who needs more asks with min_version.
//
// A pod that stops at any point leaves nothing to clean: leases end, L1 is
// gone, and what was answered as stored is in the store.
#ifndef OUTRIGGER_COORD_CACHE_CACHE_H_
#define OUTRIGGER_COORD_CACHE_CACHE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "cache/entry.h"
#include "cache/options.h"
#include "store/cache_store.h"
#include "telemetry/registry.h"

namespace outrigger::coord {

inline constexpr size_t kMaxCacheKeyBytes = 1024;
inline constexpr size_t kMaxCacheBatch = 1000;

enum class CacheStatus : uint8_t { kHit, kStale, kAbsent, kMiss, kNotModified };

// Views must live until the call returns.
struct GetQuery {
  absl::string_view ns;
  absl::string_view key;
  uint64_t if_not_version = 0;  // 0: none
  uint64_t min_version = 0;     // 0: any
  // Unset: the namespace's fill_timeout. The caller bounds it by its deadline.
  std::optional<Duration> max_wait;
  bool no_fill = false;
  // For GetLater: what GetNow answered as `refresh` when it was false.
  bool refresh = false;
};

struct GetAnswer {
  CacheStatus status = CacheStatus::kMiss;
  // Null without a value (a known absence has an entry, whose value is empty).
  cache::EntryRef entry;
  Duration age{};
  Duration ttl{};
  Duration stale_ttl{};
  bool coherent = false;
  bool refresh = false;
  bool degraded = false;
  std::string fill_token;  // empty: none
  Duration waited{};

  uint64_t version() const { return entry ? entry->version() : 0; }
};

struct SetQuery {
  absl::string_view ns;
  absl::string_view key;
  absl::string_view value;
  std::optional<Duration> ttl;
  std::optional<Duration> stale_for;
  std::vector<std::string> tags;
  // At most one of these.
  absl::string_view fill_token;
  std::optional<uint64_t> if_version;
  bool if_absent = false;
  bool absent = false;
  bool write_behind = false;
};

enum class SetReason : uint8_t {
  kNone,
  kFillRevoked,
  kVersionMismatch,
  kAlreadyExists,
  kStoreUnavailable
};

struct SetAnswer {
  bool stored = false;
  uint64_t version = 0;
  SetReason reason = SetReason::kNone;
  bool degraded = false;
};

struct InvalidateQuery {
  absl::string_view ns;
  std::vector<std::string> keys;
  std::vector<std::string> tags;
  std::string glob;  // empty: none
  bool soft = false;
};

struct InvalidateAnswer {
  std::optional<uint64_t> invalidated;
  bool degraded = false;
};

struct DeleteAnswer {
  bool deleted = false;
  bool degraded = false;
};

struct WatchedChange {
  enum class Kind : uint8_t {
    kWritten,
    kInvalidated,
    kTagInvalidated,
    kResync
  };
  Kind kind = Kind::kResync;
  std::string key;
  uint64_t version = 0;
  std::string tag;
};

struct WatchQuery {
  absl::string_view ns;
  std::vector<std::string> keys;
  std::vector<std::string> tags;
};

// Of one namespace, for the command line and the page.
struct CacheSpaceStatus {
  std::string name;
  cache::Policy policy = cache::Policy::kS3Fifo;
  uint64_t entries = 0;
  uint64_t bytes = 0;
  int64_t max_bytes = 0;
  uint64_t hits = 0;  // fresh
  uint64_t stale = 0;
  uint64_t absent = 0;
  uint64_t misses = 0;
  uint64_t fills = 0;  // tokens given
};

// Thread-safe. Every `done` runs exactly once, possibly before the call
// returns, possibly on another thread. Errors: kInvalidArgument, kNotFound,
// kFailedPrecondition, kResourceExhausted as in cache.proto.
class Cache {
 public:
  template <typename T>
  using Done = absl::AnyInvocable<void(absl::StatusOr<T>)>;
  using Ticket = uint64_t;  // never 0; names a Get that waits

  struct Bounds {
    // Gets that wait, in all; and as many Pulls.
    size_t max_parked = 10'000;
    // Watches, in all.
    size_t max_watches = 1000;
    // Invalidations kept to be repeated; beyond, the oldest are merged into one
    // of the whole namespace.
    size_t max_replays = 10'000;
  };

  // All must outlive it; `store` must be new: the cache becomes its listener.
  // REQUIRES: valid options, with their memory shared out.
  Cache(const cache::Options& options, const Bounds& bounds, const Clock& clock,
        Executor& executor, RandomSource& random, telemetry::Registry& registry,
        store::CacheStore& store);

  // The store must answer what it was asked first; see StopStore in the
  // sidecar.
  ~Cache();

  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  // Answers from L1, without an allocation or a system call, if that is fresh
  // and verified. False: call GetLater, with answer->refresh in the query.
  // *error not OK: it cannot be asked.
  bool GetNow(const GetQuery& query, GetAnswer* answer, absl::Status* error);

  // The ticket is for Cancel. In a batch all are asked before any is awaited.
  Ticket GetLater(const GetQuery& query, Done<GetAnswer> done);
  // The asker has gone: `done` runs with kCancelled, unless it has run. A token
  // is given to another, or given up.
  void Cancel(Ticket ticket);

  // Whether `query` can be asked: the errors of Set that do not depend on what
  // is stored. For batches, which check all before they store any.
  absl::Status CheckSet(const SetQuery& query) const;
  void Set(const SetQuery& query, Done<SetAnswer> done);
  void Abandon(absl::string_view ns, absl::string_view key,
               absl::string_view fill_token, Done<bool> done);
  // `if_version` 0: whatever it is.
  void Delete(absl::string_view ns, absl::string_view key, uint64_t if_version,
              Done<DeleteAnswer> done);
  void Invalidate(const InvalidateQuery& query, Done<InvalidateAnswer> done);
  // No keys: the fleet's hot ones. Answers how many L1 has got.
  void Warm(absl::string_view ns, std::vector<std::string> keys,
            Done<uint64_t> done);

  // `changed` runs on any thread, one at a time for each watch, and must not
  // block or call the cache. Until Unwatch returns; then never again.
  using Changed = absl::AnyInvocable<void(const WatchedChange&)>;
  absl::StatusOr<Ticket> Watch(const WatchQuery& query, Changed changed);
  void Unwatch(Ticket ticket);

  // Acknowledges, then waits until there are writes, at most for `wait`; empty:
  // there were none. Cancel ends it.
  struct PullQuery {
    absl::string_view ns;
    absl::string_view consumer;
    std::vector<std::string> ack;
    int most = 100;
    Duration wait{};
  };
  Ticket Pull(const PullQuery& query,
              Done<std::vector<store::JournalEntry>> done);

  // Answers all that waits: Gets with a miss, Pulls with nothing; ends what
  // runs by timer. For the server's drain, before it waits for its calls.
  void Drain();
  // Sends the writes that wait for the store; `done` runs when there are none,
  // or the store fails: pending_writes() tells how many are left.
  void FlushWrites(absl::AnyInvocable<void()> done);
  size_t pending_writes() const;

  std::vector<CacheSpaceStatus> GetStatus() const;

 private:
  class Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_CACHE_H_
