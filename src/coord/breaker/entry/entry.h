// One breaker, or one of its methods', in one pod.
//
// An entry calls nobody: what it wants done comes back as effects, which its
// caller (Driver) does when the entry's lock is free again. Replies of the
// store come back as calls.
#ifndef OUTRIGGER_COORD_BREAKER_ENTRY_ENTRY_H_
#define OUTRIGGER_COORD_BREAKER_ENTRY_ENTRY_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/short_lock.h"
#include "breaker/options.h"
#include "breaker/permits.h"
#include "breaker/record.h"
#include "breaker/transitions.h"
#include "breaker/verdict.h"
#include "breaker/window.h"
#include "coord/breaker/breakers.h"
#include "coord/breaker/context.h"
#include "coord/breaker/counters.h"
#include "coord/breaker/entry/effects.h"
#include "coord/breaker/entry/standing.h"
#include "store/breaker_store.h"

namespace outrigger::coord {

// In callers' terms.
BreakerReason ReasonOf(breaker::Reason reason);

using BreakerOptionsPtr = std::shared_ptr<const breaker::BreakerOptions>;

// Thread-safe. Methods that fill `fx` do not block.
class BreakerEntry {
 public:
  // `context` and `counters` must outlive it. `inherited`, `methods_reset`: as
  // for Inherit; none for the breaker itself.
  BreakerEntry(store::BreakerKey key, BreakerOptionsPtr options,
               breaker::Forced inherited, uint64_t methods_reset,
               BreakerContext& context, BreakerCounters& counters);

  const store::BreakerKey& key() const { return key_; }
  BreakerCounters& counters() const { return counters_; }

  // As Breakers' methods of these names.
  bool AcquireNow(PermitAnswer* answer) ABSL_LOCKS_EXCLUDED(lock_);
  void AcquireLater(const PermitQuery& query, uint64_t ticket,
                    Breakers::Done<PermitAnswer> done, BreakerEffects* fx)
      ABSL_LOCKS_EXCLUDED(lock_);
  void Cancel(uint64_t ticket, BreakerEffects* fx) ABSL_LOCKS_EXCLUDED(lock_);
  // False: it did not count.
  bool Report(const CallOutcome& outcome, MonotonicTime now, BreakerEffects* fx)
      ABSL_LOCKS_EXCLUDED(lock_);
  BreakerView View() const ABSL_LOCKS_EXCLUDED(lock_);
  WatchedBreaker Watched() const ABSL_LOCKS_EXCLUDED(lock_);

  // `done` says whether it is degraded. `reset`: else `forced` is set.
  void SetByHand(bool reset, breaker::Forced forced, Breakers::Done<bool> done,
                 BreakerEffects* fx) ABSL_LOCKS_EXCLUDED(lock_);
  // The breaker whose method this is has these; see Standing and Record.
  void Inherit(breaker::Forced forced, uint64_t methods_reset,
               BreakerEffects* fx) ABSL_LOCKS_EXCLUDED(lock_);
  void SetOptions(BreakerOptionsPtr options, BreakerEffects* fx)
      ABSL_LOCKS_EXCLUDED(lock_);
  // Gives back the probes acquired in this session.
  void EndSession(uint64_t session, BreakerEffects* fx)
      ABSL_LOCKS_EXCLUDED(lock_);
  // Answers all who wait and gives all probes back. `done` runs when the store
  // has them, or has failed. After context.draining is set.
  void Drain(absl::AnyInvocable<void()> done, BreakerEffects* fx)
      ABSL_LOCKS_EXCLUDED(lock_);

  // Asks the store what there is: at first, and after a change there.
  void Refresh(BreakerEffects* fx) ABSL_LOCKS_EXCLUDED(lock_);
  // As Refresh, and what was refused of late is tried again at once.
  void Retry(BreakerEffects* fx) ABSL_LOCKS_EXCLUDED(lock_);
  // The time that effects.wake asked for has come.
  void OnWake(MonotonicTime asked, BreakerEffects* fx)
      ABSL_LOCKS_EXCLUDED(lock_);
  // Replies of the store; `sent_revision` is the effects' that asked.
  void OnRead(uint64_t sent_revision, absl::StatusOr<store::BreakerReply> reply,
              BreakerEffects* fx) ABSL_LOCKS_EXCLUDED(lock_);
  void OnReported(uint64_t sent_revision,
                  absl::StatusOr<store::BreakerReply> reply, BreakerEffects* fx)
      ABSL_LOCKS_EXCLUDED(lock_);
  void OnSwapped(uint64_t sent_revision,
                 absl::StatusOr<store::BreakerSwapReply> reply,
                 BreakerEffects* fx) ABSL_LOCKS_EXCLUDED(lock_);
  // The store answers again, whoever asked.
  void OnStoreBack(BreakerEffects* fx) ABSL_LOCKS_EXCLUDED(lock_);

  // What its methods inherit.
  breaker::Forced forced() const ABSL_LOCKS_EXCLUDED(lock_);
  uint64_t methods_reset() const ABSL_LOCKS_EXCLUDED(lock_);
  // The admitted share grows at present.
  bool recovering() const ABSL_LOCKS_EXCLUDED(lock_);
  // It has something to tell the store, or to hear from it.
  bool wants_store() const ABSL_LOCKS_EXCLUDED(lock_);
  // The store has not taken what it was last told.
  bool writes_fail() const ABSL_LOCKS_EXCLUDED(lock_);

  uint64_t allowed() const {
    return permits_.issued() + probes_.load(std::memory_order_relaxed);
  }
  uint64_t rejected() const {
    return rejected_.load(std::memory_order_relaxed);
  }
  uint64_t would_reject() const {
    return would_reject_.load(std::memory_order_relaxed);
  }

 private:
  // What AcquireNow can say.
  enum class Decision : uint8_t { kAllow, kDeny, kAsk };

  struct Waiter {
    uint64_t ticket = 0;
    uint64_t session = 0;
    Duration timeout{};
    Breakers::Done<PermitAnswer> done;
  };
  // A probe that is out.
  struct Held {
    uint64_t session = 0;
    uint64_t generation = 0;  // as callers see it
    MonotonicTime deadline{};
    bool local = false;
  };
  // What the store's record is to be changed by.
  struct ProbeOutcome {
    uint64_t id = 0;
    breaker::ProbeResult result = breaker::ProbeResult::kIgnored;
    bool slow = false;
  };
  struct ByHand {
    bool reset = false;
    breaker::Forced forced = breaker::Forced::kNone;
    Breakers::Done<bool> done;  // null: it has run
    int64_t given_us = 0;       // by the store's clock
  };
  // What is set by hand in a record.
  struct Manual {
    breaker::Forced forced = breaker::Forced::kNone;
    uint64_t methods_reset = 0;
  };
  // A swap that is under way, and what is in it.
  struct Swapping {
    breaker::Record next;
    MonotonicTime sent{};
    struct Grant {
      uint64_t ticket = 0;
      uint64_t probe = 0;  // its id
    };
    std::vector<Grant> grants;
    size_t outcomes = 0;  // of outcomes_, so many from the front
    size_t by_hand = 0;   // of by_hand_
  };

  using Lock = ShortLockHolder;

  // entry.cc: decisions and outcomes.
  Decision Decide(MonotonicTime now, PermitAnswer* answer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  Decision DecideByRecord(MonotonicTime now, PermitAnswer* answer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  // Counts a denial; that of a breaker for metrics only is none.
  void Reject(MonotonicTime now, PermitAnswer* answer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  // Why a call is denied and when to come back; `share`: of calls that pass.
  void Explain(MonotonicTime now, double share, PermitAnswer* answer) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  // The same, of a breaker that is not closed.
  void Deny(MonotonicTime now, PermitAnswer* answer) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void Fill(PermitAnswer* answer) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  bool ReportProbe(const CallOutcome& outcome, MonotonicTime now,
                   BreakerEffects* fx) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  bool Counts(const CallOutcome& outcome, MonotonicTime now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);

  // own.cc: what the pod makes of what it has seen itself.
  void Evaluate(MonotonicTime now, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void TripLocal(MonotonicTime now, const breaker::Cause& cause,
                 BreakerEffects* fx) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void FinishLocal(MonotonicTime now, uint64_t id, breaker::ProbeResult result,
                   bool slow, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void AfterLocal(const breaker::Record& before, MonotonicTime now,
                  BreakerEffects* fx) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  bool TakeLocalProbe(const Waiter& waiter, MonotonicTime now,
                      PermitAnswer* answer, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void Detach(MonotonicTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void AnnounceLocal(BreakerEffects* fx) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void JudgeFleet(MonotonicTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void SendReport(MonotonicTime now, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void PlanReport(MonotonicTime now, bool suspect)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  bool ReportIsWanted() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);

  // shared.cc: the fleet's record.
  void Adopt(MonotonicTime now, uint64_t sent_revision,
             const store::BreakerRecord& record, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void SetShared(MonotonicTime now, breaker::Record next, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void GiveBackOrphans() ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void Pump(MonotonicTime now, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  Swapping BuildSwap(MonotonicTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void FinishSwap(Swapping done, MonotonicTime now, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void ForgetLocal() ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void FailSwap(MonotonicTime now, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void ForgetOvertaken(const breaker::Record& stored)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void ForgetSuperseded() ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void EndDrain(BreakerEffects* fx) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  // A write of its own, a swap or a report, has failed; one was done.
  void NoteFailedWrite(MonotonicTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void NoteWrite(MonotonicTime now, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void TryToWrite(MonotonicTime now, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  bool failing() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_) {
    return failing_since_.has_value();
  }

  // waiting.cc: those who wait, and the pod's probes.
  void Serve(MonotonicTime now, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  bool ServeOne(Waiter& waiter, MonotonicTime now, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void Answer(Waiter waiter, absl::StatusOr<PermitAnswer> answer,
              BreakerEffects* fx) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  // `asked`: when the probe was asked for; its time runs from then on.
  void Hold(uint64_t id, const Waiter& waiter, bool local, MonotonicTime asked,
            PermitAnswer* answer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  // With nothing to ask for any more: as Decide's denial.
  void Refuse(MonotonicTime now, PermitAnswer* answer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void RefuseAll(MonotonicTime now, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void Give(const Swapping::Grant& grant, MonotonicTime asked,
            MonotonicTime now, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void GiveBack(uint64_t session, MonotonicTime now, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void ExpireHeld(MonotonicTime now, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  Duration TimeoutOf(const Waiter& waiter) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);

  // After anything that may change what callers see: sets the gate, and the
  // generation if the state that counts is another.
  double AdmittedShare(MonotonicTime now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void Settle(MonotonicTime now, BreakerEffects* fx)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void SetGate(MonotonicTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  void Arm(BreakerEffects* fx) ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  breaker::Turn StoreTurn(MonotonicTime now) const;
  breaker::Turn PodTurn(MonotonicTime now) const;
  breaker::ProbeRules Rules() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_);
  BreakerState StateNow() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_) {
    return standing_.State(*options_);
  }
  uint64_t FleetGeneration() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(lock_) {
    // 0 would be "nothing was reported".
    return std::max<uint64_t>(1, standing_.shared.generation);
  }

  const store::BreakerKey key_;
  BreakerContext& context_;
  BreakerCounters& counters_;

  // Bit 0: all pass, and nothing else need be looked at; bits 1 to 3: the
  // state; above: the generation.
  std::atomic<uint64_t> gate_{0};
  breaker::Permits permits_;
  std::atomic<uint64_t> probes_{0};
  std::atomic<uint64_t> rejected_{0};
  std::atomic<uint64_t> would_reject_{0};

  mutable ShortLock lock_;
  BreakerOptionsPtr options_ ABSL_GUARDED_BY(lock_);
  Standing standing_ ABSL_GUARDED_BY(lock_);
  // The first Read has been answered.
  bool known_ ABSL_GUARDED_BY(lock_) = false;
  uint64_t revision_ ABSL_GUARDED_BY(lock_) = 0;  // of standing_.shared
  uint64_t greatest_revision_ ABSL_GUARDED_BY(lock_) = 0;
  Manual stored_by_hand_ ABSL_GUARDED_BY(lock_);  // of that in the store
  // The latest Read was not answered.
  bool unread_ ABSL_GUARDED_BY(lock_) = false;
  uint64_t methods_reset_ ABSL_GUARDED_BY(lock_) = 0;  // inherited
  // The store has lost what standing_.shared says.
  bool restore_ ABSL_GUARDED_BY(lock_) = false;
  // What callers see, and the state it stands for.
  uint64_t generation_ ABSL_GUARDED_BY(lock_) = 0;
  BreakerState seen_state_ ABSL_GUARDED_BY(lock_) = BreakerState::kClosed;
  uint64_t seen_generation_ ABSL_GUARDED_BY(lock_) = 0;
  bool seen_local_ ABSL_GUARDED_BY(lock_) = false;

  breaker::Window window_ ABSL_GUARDED_BY(lock_);
  breaker::FleetSeen fleet_ ABSL_GUARDED_BY(lock_);
  // Pods that had something to say, in this generation or, while it is young,
  // the one before.
  uint32_t pods_ ABSL_GUARDED_BY(lock_) = 0;
  MonotonicTime generation_began_ ABSL_GUARDED_BY(lock_){};
  // While the pod's own record is not closed: why, and what it had seen then.
  breaker::Cause own_cause_ ABSL_GUARDED_BY(lock_);
  breaker::Tally own_seen_ ABSL_GUARDED_BY(lock_);
  MonotonicTime own_seen_at_ ABSL_GUARDED_BY(lock_){};
  bool announced_ ABSL_GUARDED_BY(lock_) = true;

  std::vector<Waiter> waiters_ ABSL_GUARDED_BY(lock_);
  // In order, so that equal histories have equal outcomes.
  std::map<uint64_t, Held> held_ ABSL_GUARDED_BY(lock_);

  // For the store's record, in this order.
  std::vector<ByHand> by_hand_ ABSL_GUARDED_BY(lock_);
  std::vector<ProbeOutcome> outcomes_ ABSL_GUARDED_BY(lock_);
  breaker::Cause trip_ ABSL_GUARDED_BY(lock_);  // kNone: do not
  std::optional<Swapping> swapping_ ABSL_GUARDED_BY(lock_);
  // Since when its own writes fail; reads, and others' writes, may not.
  std::optional<MonotonicTime> failing_since_ ABSL_GUARDED_BY(lock_);
  MonotonicTime tried_at_ ABSL_GUARDED_BY(lock_){};  // the latest that failed

  bool reading_ ABSL_GUARDED_BY(lock_) = false;
  bool read_again_ ABSL_GUARDED_BY(lock_) = false;
  bool reporting_ ABSL_GUARDED_BY(lock_) = false;
  // The fleet has not heard what the window says.
  bool untold_ ABSL_GUARDED_BY(lock_) = false;
  MonotonicTime told_at_ ABSL_GUARDED_BY(lock_){};
  MonotonicTime report_due_ ABSL_GUARDED_BY(lock_){};
  MonotonicTime armed_ ABSL_GUARDED_BY(lock_) = MonotonicTime::max();
  std::vector<absl::AnyInvocable<void()>> drained_ ABSL_GUARDED_BY(lock_);
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_BREAKER_ENTRY_ENTRY_H_
