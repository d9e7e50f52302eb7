// Pools as a pod sees them: slots of the fleet's cap, and endpoints.
//
// A pod has a block of slots, leased from the store and renewed every third of
// the lease. Acquire takes from the block, without the store; those who find
// none wait in order, nobody overtakes them, and the pod asks for more. The
// block's lease is timed from before the request that renewed it, so what the
// store gives to others has lapsed here before; and no caller's lease is longer
// than the block's.
//
// A pod that stops at any point leaves nothing to clean: its block lapses. A
// caller that stops: its Hold ends, or its lease expires.
#ifndef OUTRIGGER_COORD_POOL_POOLS_H_
#define OUTRIGGER_COORD_POOL_POOLS_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "pool/endpoints.h"
#include "pool/options.h"
#include "store/pool_store.h"
#include "telemetry/registry.h"

namespace outrigger::coord {

// As in pool.proto, with the same numbers.
enum class SlotReason : uint8_t {
  kNone = 0,
  kTimeout = 1,
  kNoEndpoint = 2,
  kStoreUnavailable = 3,
  kLearning = 4,
  kQueueFull = 5,
};
enum class SlotAdvice : uint8_t { kNone = 0, kRetry = 1, kFallBack = 2 };

using TraceId = std::array<uint8_t, 16>;  // all zero: none

// Views must live until the call returns.
struct SlotQuery {
  absl::string_view pool;
  absl::string_view session_key;
  pool::Role role = pool::Role::kAny;
  // Unset: the pool's acquire_timeout.
  std::optional<Duration> max_wait;
  // Nobody waits longer than this, whatever max_wait is: what the asker's own
  // deadline leaves.
  Duration patience = Duration::max();
  uint32_t attempt = 0;
  absl::Span<const absl::string_view> avoid;
  uint64_t session = 0;  // OpenSession's; 0: none
  TraceId trace_id{};    // for the report of leaks
};

// Of an endpoint; empty address: the pool has none.
struct SlotEndpoint {
  std::string address;
  std::string zone;
  pool::Role role = pool::Role::kAny;
  bool backup = false;
};

struct SlotAnswer {
  bool acquired = false;
  uint64_t lease_id = 0;
  uint64_t fencing_token = 0;
  // Of those that are configured now; null: the pool has none. Shared, so that
  // an answer copies nothing.
  std::shared_ptr<const SlotEndpoint> endpoint;
  Duration expires_after{};
  Duration waited{};
  Duration retry_after{};
  SlotReason reason = SlotReason::kNone;
  SlotAdvice advice = SlotAdvice::kNone;
  bool degraded = false;
  bool overflow = false;
  bool panic = false;
};

struct PickAnswer {
  std::shared_ptr<const SlotEndpoint> endpoint;  // null: there is none
  SlotReason reason = SlotReason::kNone;
  Duration retry_after{};
  bool panic = false;
};

// As PoolStatus in pool.proto.
struct PoolView {
  struct HeldLease {
    uint64_t lease_id = 0;
    Duration held_for{};
    TraceId trace_id{};
    std::string address;
  };
  std::string name;
  uint32_t max_connections = 0;
  uint32_t max_overflow = 0;
  uint32_t in_use = 0;
  uint32_t slots = 0;
  uint32_t waiting = 0;
  uint32_t fleet_slots = 0;
  uint32_t pods = 0;
  bool one_by_one = false;
  bool learning = false;
  bool degraded = false;
  uint64_t acquired = 0;
  uint64_t timeouts = 0;
  uint64_t expired = 0;
  uint64_t leaks = 0;
  uint64_t ejections = 0;
  std::vector<pool::EndpointView> endpoints;
  std::vector<HeldLease> longest_held;  // at most 10
};

// Thread-safe. No method blocks. Every `done` runs exactly once, possibly
// before the call returns, possibly on another thread. Errors:
// kInvalidArgument, kNotFound, kResourceExhausted as in pool.proto.
class Pools {
 public:
  using AcquireDone = absl::AnyInvocable<void(absl::StatusOr<SlotAnswer>)>;
  using Ticket = uint64_t;   // never 0; names an Acquire that waits
  using Session = uint64_t;  // never 0; owns leases (Hold)

  struct Settings {
    // This pod's name in the fleet; unique. Empty: a random one.
    std::string pod;
    // Sessions. Beyond: kResourceExhausted.
    size_t max_sessions = 10'000;
  };

  // All must outlive it; `store` must be new: this becomes its listener.
  // REQUIRES: valid options, unique names.
  Pools(Settings settings, std::vector<pool::PoolOptions> options,
        const Clock& clock, Executor& executor, RandomSource& random,
        telemetry::Registry& registry, store::PoolStore& store);
  // The store must have answered what it was asked first, and the executor must
  // not run any more.
  ~Pools();

  Pools(const Pools&) = delete;
  Pools& operator=(const Pools&) = delete;

  // Answers if there is a free slot, or no use in waiting. False: call
  // AcquireLater. *error not OK: it cannot be asked (then true).
  bool AcquireNow(const SlotQuery& query, SlotAnswer* answer,
                  absl::Status* error);
  Ticket AcquireLater(const SlotQuery& query, AcquireDone done);
  // The asker has gone: `done` runs with kCancelled, unless it has run; then
  // the caller must release what it got.
  void Cancel(Ticket ticket);

  // False: it is not held any more. `session` not 0: only if the session holds
  // it.
  bool Release(uint64_t lease_id, pool::Outcome outcome, Session session = 0);
  // Answers expires_after; kNotFound: not held any more.
  absl::StatusOr<Duration> Renew(uint64_t lease_id);

  // Leases acquired with the session do not expire while it is open. `lost`
  // tells of one that ends all the same, because the store could not be reached
  // for its lease; runs on any thread, and must not block or call this.
  using Lost = absl::AnyInvocable<void(uint64_t lease_id)>;
  absl::StatusOr<Session> OpenSession(Lost lost);
  // Frees what it holds, and ends its waits as Cancel does. After EndWaits the
  // stream has ended since this pod stops: its application lives, and still has
  // its connections; so what it holds lapses, as other leases do.
  void CloseSession(Session session);

  absl::StatusOr<PickAnswer> Pick(const SlotQuery& query);
  absl::Status ReportLoad(absl::string_view pool, absl::string_view address,
                          const pool::EndpointLoad& load);

  // What the health checks and DNS found; unknown names are ignored.
  void OnCheck(absl::string_view pool, absl::string_view address, bool passed,
               std::string message);
  void OnResolved(absl::string_view pool, absl::string_view dns,
                  std::vector<std::string> addresses);

  // Empty: all, in the order of the configuration.
  absl::StatusOr<std::vector<PoolView>> GetStatus(absl::string_view name) const;

  // New options from now on. A pool of the same name keeps its leases; of one
  // that has gone, leases can be released and renewed still. The store is
  // listened to from the first pool on. Not two calls at once.
  // REQUIRES: as for the constructor.
  void Update(std::vector<pool::PoolOptions> options);

  // Those who wait are answered (denied). For the server's drain, before it
  // waits for its calls.
  void EndWaits();
  // The pod stops: gives back all slots that nobody holds. `done` runs when the
  // store has them, or has failed.
  void Drain(absl::AnyInvocable<void()> done);

 private:
  class Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_POOL_POOLS_H_
