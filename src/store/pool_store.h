// What the fleet shares about pools: which pod has how many of the slots.
//
// Two stores implement this: MemoryPoolStore, for one process, and
// redis::PoolStore (a Lua script), for a fleet. Both pass
// tests/store/pool_store_suite.h.
//
// The rule, which makes "never more than the cap" true: the slots of all pods
// add up to at most the cap, and a pod's slots count until the pod has given
// them back, or its lease (which it times from before it asked) has passed for
// certain. What a pod says is a snapshot of what it has and wants, numbered;
// one that is lost is made up for by the next, and one that is late is refused.
// (Leases of capacity as in Doorman; the one by one queue as in any fair
// semaphore; see README for the proof.)
//
// Two ways of sharing out, by the pool's size:
//   blocks      with at least 2 slots for each pod: each pod has as many as it
//               wants while nobody is in want, and else its fair share of what
//               is needed (water-filling: the largest L with
//               sum(min(need, L)) <= cap).
//   one by one  with fewer: a slot that is free goes to the caller in the fleet
//               who has waited longest.
#ifndef OUTRIGGER_STORE_POOL_STORE_H_
#define OUTRIGGER_STORE_POOL_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"

namespace outrigger::store {

// A slot that was given to a pod that did not know (it had waited) is taken
// back after this, unless the pod has asked since: it may have stopped.
inline constexpr int64_t kPoolMailKeptUs = 300'000;
// More than the lease: by so much may a pod's clock and the store's differ over
// one lease.
inline constexpr int64_t kPoolLeaseMarginUs = 1'000'000;
// Of those that wait in a pod at most so many are told, the oldest first.
inline constexpr size_t kMaxPoolWaiters = 32;
// Fair shares are reckoned at most so often; between, the last ones hold.
inline constexpr int64_t kPoolShareEveryUs = 100'000;
inline constexpr uint32_t kNoPoolTarget = UINT32_MAX;

// A pod says what it has and wants.
struct PoolRequest {
  std::string pool;
  std::string pod;  // 1 to 64 bytes, the same in each request of this run
  // Grows with each request of this pod for this pool. A request whose number
  // is not greater than the last one's does nothing (kAborted).
  uint64_t sequence = 0;
  // The most slots that all pods may have, > 0. Where pods differ, as while a
  // configuration is rolled out, the smallest holds.
  uint32_t cap = 0;
  // Of these, slots beyond so many are overflow. <= cap.
  uint32_t overflow_above = 0;
  // What the pod has and keeps. What the store thought it had beyond that is
  // free again.
  uint32_t held = 0;
  // What is in use, and those who wait.
  uint32_t need = 0;
  // What it would like to have in all, to be prepared; at least `need`. Heeded
  // in blocks only, and only while nobody is in want.
  uint32_t want = 0;
  // How long each of those who wait has waited, the longest first; at most
  // kMaxPoolWaiters. One by one only.
  std::vector<int64_t> waited_us;
  // The greatest fencing token that the pod has given; 0: none.
  uint64_t last_token = 0;
  // The pod's slots count for this long (and kPoolLeaseMarginUs) from when the
  // request arrives. 1 s to 1 h.
  int64_t lease_us = 0;
  // The pod has no use for the pool any more: it counts no more. Then held,
  // need and want are 0.
  bool leave = false;
};

struct PoolReply {
  // All that the pod has now: `held`, or less if its lease had passed, and what
  // it was given. They count, for the pod, for lease_us from before it sent the
  // request.
  uint32_t slots = 0;
  // Of these, beyond overflow_above of the fleet's.
  uint32_t overflow = 0;
  // Others are in want, or slots are granted one by one: what is idle is to be
  // given back at once.
  bool squeezed = false;
  // More than this is to be given back as it is released, though some wait
  // here: others have a right to it. kNoPoolTarget: nothing is. One by one: 0.
  uint32_t target = kNoPoolTarget;
  bool one_by_one = false;
  // The store lost its memory: nobody is given anything before this has passed
  // (0: it has not). What pods say they have is believed.
  int64_t learning_for_us = 0;
  // Tokens of what is given from now on must be greater.
  uint64_t fence = 0;
  // Of all pods.
  uint32_t fleet_slots = 0;
  uint32_t fleet_need = 0;
  uint32_t pods = 0;
};

// Hears when a pod should ask again: a slot was given to one of those who wait
// here, or other pods are in want. Called on the store's thread, or within a
// call to the store; must not block. May call the store.
class PoolListener {
 public:
  virtual ~PoolListener() = default;
  virtual void OnCalled(const std::vector<std::string>& pools) = 0;
  // The store was lost and is back: ask again.
  virtual void OnBack() = 0;
};

// Thread-safe. As with LimitStore, the callback runs exactly once, possibly
// before the call returns; call with no lock held that a callback or the
// listener takes. Errors: kAborted (`sequence`), kUnavailable (not done),
// kDeadlineExceeded (unknown whether it was done), kInternal (the store
// answered nonsense). A store never repeats a request by itself.
class PoolStore {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<PoolReply>)>;

  virtual ~PoolStore() = default;

  // Once, before anything else; `pod` as in the requests. `listener` outlives
  // the store.
  virtual void Listen(const std::string& pod, PoolListener* listener) = 0;
  virtual void Exchange(PoolRequest request, Done done) = 0;
  // False while the store is known to be out of reach.
  virtual bool reachable() const = 0;
};

}  // namespace outrigger::store

#endif  // OUTRIGGER_STORE_POOL_STORE_H_
