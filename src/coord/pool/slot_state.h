// One pool's slots in this pod, without locks, threads or the store: who holds
// which lease, who waits, and when the fleet is to be asked.
//
// Life of a slot: the store's → the block's, idle → a lease → (released) the
// next waiter's, or idle, or, if others have a right to it, the store's again.
#ifndef OUTRIGGER_COORD_POOL_SLOT_STATE_H_
#define OUTRIGGER_COORD_POOL_SLOT_STATE_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/random.h"
#include "coord/pool/pool_counters.h"
#include "coord/pool/pools.h"
#include "coord/pool/waiters.h"
#include "pool/endpoints.h"
#include "pool/options.h"
#include "pool/slots/block.h"
#include "pool/slots/lease_table.h"
#include "store/pool_store.h"

namespace outrigger::coord {

// Leases that a view shows.
inline constexpr size_t kLongestHeld = 10;

// What is to be done when no lock is held any more.
struct SlotWork {
  struct Lost {
    uint64_t session;
    uint64_t lease_id;
  };
  struct Leak {
    uint64_t lease_id;
    Duration held_for;
    TraceId trace_id;
    std::string address;
  };
  std::vector<std::pair<Waiter, SlotAnswer>> answers;
  std::vector<Lost> lost;
  std::vector<Leak> leaks;
};

// Not thread-safe.
class SlotState {
 public:
  // All must outlive it. `number`: of the pool in this pod, for its leases'
  // ids.
  SlotState(uint16_t number, const pool::PoolOptions& options,
            MonotonicTime now, RandomSource& random, PoolCounters& counters);

  void Update(const pool::PoolOptions& options, MonotonicTime now);
  // The pool is not configured any more: nothing is given from now on, and when
  // nothing is held it leaves the fleet's.
  void Retire(MonotonicTime now, SlotWork& work);

  // True: answered. False: wait.
  bool Acquire(const SlotQuery& query, MonotonicTime now, SlotAnswer* answer);
  void Wait(Waiter waiter, MonotonicTime now);
  std::optional<Waiter> Cancel(Pools::Ticket ticket);
  // A session: it must be the lease's; 0: whoever's it is. Null: it is not
  // held. Valid until the next call.
  const pool::Lease* Find(uint64_t lease_id, uint64_t session,
                          MonotonicTime now);
  // Nothing comes of a release but that the slot is idle.
  bool ReleasesQuietly() const {
    return waiters_.empty() && !fleet_.squeezed &&
           fleet_.target == store::kNoPoolTarget;
  }
  // The lease is over: its slot goes on. REQUIRES: it is held.
  void End(uint64_t lease_id, pool::Outcome outcome, MonotonicTime now);
  // Gives what is idle to those who wait.
  void Serve(MonotonicTime now, SlotWork& work);
  absl::StatusOr<Duration> Renew(uint64_t lease_id, MonotonicTime now);
  PickAnswer Pick(const SlotQuery& query, MonotonicTime now);

  pool::Endpoints& endpoints() { return endpoints_; }
  // After endpoints() were changed.
  void OnEndpointsChanged() { known_endpoints_.clear(); }

  // What time brings: waits, leases and the block that end, leaks.
  void Tick(MonotonicTime now, SlotWork& work);
  // When Tick or Request is due next; max(): never.
  MonotonicTime next_due() const;

  // What to send now; unset: nothing. Then OnReply must follow.
  std::optional<store::PoolRequest> Request(MonotonicTime now);
  // `now` is when it came. The error is the store's.
  void OnReply(absl::StatusOr<store::PoolReply> reply, MonotonicTime now,
               SlotWork& work);
  // The fleet has called, or it is back: it is to be asked at once.
  void OnCall(MonotonicTime now) {
    called_ = true;
    AskBy(now);
  }

  // No more waiting.
  void EndWaits(MonotonicTime now, SlotWork& work);
  // The pod stops: all is given back with the next request.
  void Leave(MonotonicTime now);
  // No request is under way.
  bool has_settled() const { return !in_flight_.has_value(); }

  // All but longest_held.
  void View(MonotonicTime now, PoolView* view) const;
  void ViewLeases(MonotonicTime now, PoolView* view) const;
  size_t waiting() const { return waiters_.size(); }

 private:
  struct InFlight {
    MonotonicTime sent{};
    bool leave = false;
    Duration lease{};
    bool called = false;
  };

  uint32_t cap() const {
    return static_cast<uint32_t>(options_.max_connections +
                                 options_.max_overflow);
  }
  bool CanGive(MonotonicTime now) const {
    return !retired_ && !leaving_ && block_.CanTake(now);
  }
  // A lease for the query. False: there is no endpoint for it; *answer says so.
  bool Give(const SlotQuery& query, MonotonicTime since, MonotonicTime now,
            SlotAnswer* answer);
  void Deny(const SlotQuery& query, SlotReason reason, MonotonicTime now,
            SlotAnswer* answer) const;
  SlotReason WhyNone(MonotonicTime now) const;
  Duration RetryAfter(SlotReason reason, MonotonicTime now) const;
  std::shared_ptr<const SlotEndpoint> EndpointOf(pool::EndpointId id);
  // As End, and says so to its session.
  void Lose(uint64_t lease_id, MonotonicTime now, SlotWork& work);
  // The lease of the block has passed.
  void Lapse(MonotonicTime now, SlotWork& work);
  // Ends the newest leases beyond `most`.
  void LoseExcess(uint32_t most, MonotonicTime now, SlotWork& work);
  void SweepLeases(MonotonicTime now, SlotWork& work);
  void AskBy(MonotonicTime when) { ask_at_ = std::min(ask_at_, when); }
  void AskAfterReply(MonotonicTime now);
  Duration AskAgainAfter() const;
  // How often the fleet is asked until what it says counts.
  uint64_t Asks() const;
  // `leaving`: it was to say that the pod has no use for the pool.
  void OnFailure(bool leaving, MonotonicTime now, SlotWork& work);
  // Answers those who only wanted to ask, if they were asked for so often.
  void DenyAnswered(uint64_t asked, MonotonicTime now, SlotWork& work);
  // The fleet has idle slots, though not for us yet.
  bool SomeAreIdle() const {
    return fleet_.learning_for_us == 0 && fleet_.fleet_need <= cap() &&
           fleet_.target == store::kNoPoolTarget;
  }
  // Without the store, and what it gave: a share, if the pool is so configured.
  bool GoOnAlone(MonotonicTime now, SlotWork& work);
  void DenyAll(std::vector<Waiter> waiters, MonotonicTime now, SlotWork& work);

  PoolCounters& counters_;
  RandomSource& random_;
  pool::PoolOptions options_;
  pool::Endpoints endpoints_;
  absl::flat_hash_map<pool::EndpointId, std::shared_ptr<const SlotEndpoint>>
      known_endpoints_;
  pool::Block block_;
  pool::LeaseTable leases_;
  Waiters waiters_;
  uint64_t token_ = 0;
  bool retired_ = false;
  bool leaving_ = false;
  bool no_waits_ = false;

  // The talk with the store.
  uint64_t sequence_ = 0;
  bool joined_ = false;  // the store may know this pod
  std::optional<InFlight> in_flight_;
  bool called_ = false;  // since the last request
  MonotonicTime ask_at_ = MonotonicTime::max();
  MonotonicTime last_reply_at_ = MonotonicTime::min();
  MonotonicTime rotate_at_ = MonotonicTime::max();
  MonotonicTime used_at_{};  // a slot was asked for, or held
  Duration backoff_{};
  bool degraded_ = false;
  uint64_t unmet_replies_ = 0;  // in a row
  bool unmet_ = false;          // the last answer left somebody waiting
  store::PoolReply fleet_;
  MonotonicTime learning_until_ = MonotonicTime::min();

  MonotonicTime sweep_at_ = MonotonicTime::max();
  double use_seconds_ = 0.01;  // how long leases are held: a moving mean
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_POOL_SLOT_STATE_H_
