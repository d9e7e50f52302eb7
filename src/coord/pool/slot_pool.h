// One pool in this pod: its slots behind a lock, its timer, and its talk with
// the store.
#ifndef OUTRIGGER_COORD_POOL_SLOT_POOL_H_
#define OUTRIGGER_COORD_POOL_SLOT_POOL_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "base/short_lock.h"
#include "coord/pool/pool_counters.h"
#include "coord/pool/pools.h"
#include "coord/pool/sessions.h"
#include "coord/pool/slot_state.h"
#include "store/pool_store.h"
#include "telemetry/log.h"

namespace outrigger::coord {

// What the pools of a pod share. All outlive them.
struct PoolContext {
  const Clock& clock;
  Executor& executor;
  RandomSource& random;
  telemetry::Registry& registry;
  store::PoolStore& store;
  Sessions& sessions;
  const telemetry::Log& log;
  std::string pod;
};

// Thread-safe. See Pools for what the methods do. Callbacks run with no lock
// held.
class SlotPool {
 public:
  SlotPool(const PoolContext& context, uint16_t number,
           const pool::PoolOptions& options);

  const std::string& name() const { return name_; }
  // False: it is not configured any more.
  bool configured() const { return configured_.load(); }

  bool AcquireNow(const SlotQuery& query, SlotAnswer* answer)
      ABSL_LOCKS_EXCLUDED(lock_);
  Pools::Ticket AcquireLater(const SlotQuery& query, Pools::AcquireDone done)
      ABSL_LOCKS_EXCLUDED(lock_);
  void Cancel(Pools::Ticket ticket) ABSL_LOCKS_EXCLUDED(lock_);
  bool Release(uint64_t lease_id, pool::Outcome outcome, uint64_t session)
      ABSL_LOCKS_EXCLUDED(lock_);
  absl::StatusOr<Duration> Renew(uint64_t lease_id) ABSL_LOCKS_EXCLUDED(lock_);
  PickAnswer Pick(const SlotQuery& query) ABSL_LOCKS_EXCLUDED(lock_);

  // False: no such endpoint.
  bool OnLoad(absl::string_view address, const pool::EndpointLoad& load)
      ABSL_LOCKS_EXCLUDED(lock_);
  void OnCheck(absl::string_view address, bool passed, std::string message)
      ABSL_LOCKS_EXCLUDED(lock_);
  void OnResolved(absl::string_view dns, std::vector<std::string> addresses)
      ABSL_LOCKS_EXCLUDED(lock_);

  void Update(const pool::PoolOptions& options) ABSL_LOCKS_EXCLUDED(lock_);
  void Retire() ABSL_LOCKS_EXCLUDED(lock_);
  // The store has called, or is back.
  void Call() ABSL_LOCKS_EXCLUDED(lock_);
  void EndWaits() ABSL_LOCKS_EXCLUDED(lock_);
  void Drain(absl::AnyInvocable<void()> done) ABSL_LOCKS_EXCLUDED(lock_);

  PoolView View() const ABSL_LOCKS_EXCLUDED(lock_);
  void Observe(telemetry::Observations& seen) const ABSL_LOCKS_EXCLUDED(lock_);

 private:
  // Runs `change(state, now, work)` with the lock held, then does what comes of
  // it: answers, asks the store, sets the timer.
  template <typename F>
  void Change(F change) ABSL_LOCKS_EXCLUDED(lock_);
  void Exchange(store::PoolRequest request);
  void Do(SlotWork work);
  void Answer(Waiter waiter, SlotAnswer answer);
  struct Timer {
    MonotonicTime due = MonotonicTime::max();  // max(): none is set
    uint64_t number = 0;
    Executor::TimerId id = 0;  // of the one that it replaces; 0: none
  };
  // The timer to set, if the one that is set is too late.
  std::optional<Timer> NextTimer() ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void Set(const Timer& timer);
  void OnTimer(uint64_t number);

  const PoolContext& context_;
  const std::string name_;
  const uint16_t number_;
  PoolCounters counters_;
  std::atomic<bool> configured_{true};
  std::atomic<uint64_t> tickets_{0};

  mutable ShortLock lock_;
  SlotState state_ ABSL_GUARDED_BY(lock_);
  Timer timer_ ABSL_GUARDED_BY(lock_);  // the one that was set last
  absl::AnyInvocable<void()> drained_ ABSL_GUARDED_BY(lock_);
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_POOL_SLOT_POOL_H_
