// Those who wait for a probe, the probes that the pod has, and what is set from
// outside.
#include <algorithm>
#include <utility>

#include "coord/breaker/entry/entry.h"

namespace outrigger::coord {
namespace {

using breaker::Permits;
using std::chrono::seconds;

// A store that has not answered once is no reason yet to send probes that the
// fleet knows nothing of.
constexpr Duration kAloneAfter = seconds(1);
constexpr Duration kLongestProbe = std::chrono::hours(1);
// A probe that is over before the store has answered tells nobody anything.
constexpr Duration kShortestProbe = std::chrono::milliseconds(10);

}  // namespace

void BreakerEntry::AcquireLater(const PermitQuery& query, uint64_t ticket,
                                Breakers::Done<PermitAnswer> done,
                                BreakerEffects* fx) {
  const MonotonicTime now = context_.clock.Now();
  Waiter waiter;
  waiter.ticket = ticket;
  waiter.session = context_.sessions.IsOpen(query.session) ? query.session : 0;
  waiter.timeout = query.timeout;
  waiter.done = std::move(done);
  const bool full = context_.parked.fetch_add(1) >= context_.max_parked;
  Lock lock(&lock_);
  if (ServeOne(waiter, now, fx)) return Arm(fx);
  if (full) {
    counters_.parked_full.Add();
    Answer(std::move(waiter),
           absl::ResourceExhaustedError("too many calls wait for the store"),
           fx);
    return;
  }
  waiters_.push_back(std::move(waiter));
  Pump(now, fx);
  Arm(fx);
}

void BreakerEntry::Cancel(uint64_t ticket, BreakerEffects* fx) {
  Lock lock(&lock_);
  const auto found =
      std::find_if(waiters_.begin(), waiters_.end(),
                   [ticket](const Waiter& w) { return w.ticket == ticket; });
  if (found == waiters_.end()) return;
  Waiter waiter = std::move(*found);
  waiters_.erase(found);
  Answer(std::move(waiter), absl::CancelledError("the caller has gone"), fx);
}

void BreakerEntry::Answer(Waiter waiter, absl::StatusOr<PermitAnswer> answer,
                          BreakerEffects* fx) {
  context_.parked.fetch_sub(1);
  fx->answers.push_back(
      [done = std::move(waiter.done), answer = std::move(answer)]() mutable {
        done(std::move(answer));
      });
}

void BreakerEntry::Serve(MonotonicTime now, BreakerEffects* fx) {
  std::vector<Waiter> left;
  for (Waiter& waiter : std::exchange(waiters_, {})) {
    if (!ServeOne(waiter, now, fx)) left.push_back(std::move(waiter));
  }
  waiters_ = std::move(left);
}

bool BreakerEntry::ServeOne(Waiter& waiter, MonotonicTime now,
                            BreakerEffects* fx) {
  PermitAnswer answer;
  if (Decide(now, &answer) != Decision::kAsk) {
    Answer(std::move(waiter), std::move(answer), fx);
    return true;
  }
  if (!known_) return false;
  if (failing() && !standing_.is_local()) {
    const Duration since = now - *failing_since_;
    if (since >= kAloneAfter) {
      Detach(now);
      Settle(now, fx);
    } else {
      Refuse(now, &answer);
      answer.retry_after = kAloneAfter - since;
      Answer(std::move(waiter), std::move(answer), fx);
      return true;
    }
  }
  if (!standing_.is_local()) return false;
  if (!TakeLocalProbe(waiter, now, &answer, fx) &&
      Decide(now, &answer) == Decision::kAsk) {
    Refuse(now, &answer);
  }
  Answer(std::move(waiter), std::move(answer), fx);
  return true;
}

void BreakerEntry::Refuse(MonotonicTime now, PermitAnswer* answer) {
  Deny(now, answer);
  Fill(answer);
  Reject(now, answer);
}

void BreakerEntry::RefuseAll(MonotonicTime now, BreakerEffects* fx) {
  for (Waiter& waiter : std::exchange(waiters_, {})) {
    PermitAnswer answer;
    Refuse(now, &answer);
    Answer(std::move(waiter), std::move(answer), fx);
  }
}

Duration BreakerEntry::TimeoutOf(const Waiter& waiter) const {
  return waiter.timeout > Duration::zero()
             ? std::clamp(waiter.timeout, kShortestProbe, kLongestProbe)
             : options_->probe_timeout;
}

void BreakerEntry::Hold(uint64_t id, const Waiter& waiter, bool local,
                        MonotonicTime asked, PermitAnswer* answer) {
  held_[id] = {waiter.session, generation_, asked + TimeoutOf(waiter), local};
  probes_.fetch_add(1, std::memory_order_relaxed);
  counters_.probes_sent.Add();
  *answer = PermitAnswer();
  Fill(answer);
  answer->permit = Permits::kForeign | id;
  answer->probe = true;
}

void BreakerEntry::Give(const Swapping::Grant& grant, MonotonicTime asked,
                        MonotonicTime now, BreakerEffects* fx) {
  const auto found = std::find_if(
      waiters_.begin(), waiters_.end(),
      [&grant](const Waiter& w) { return w.ticket == grant.ticket; });
  if (found == waiters_.end()) return;  // gone: it is an orphan
  PermitAnswer answer;
  Waiter waiter = std::move(*found);
  waiters_.erase(found);
  const bool gone =
      waiter.session != 0 && !context_.sessions.IsOpen(waiter.session);
  // The pod stood still for so long that the fleet has given the probe up.
  const bool late = now >= asked + TimeoutOf(waiter);
  if (gone || late) {
    // As if there were no more; it would ask without end if it waited on.
    Refuse(now, &answer);
  } else {
    Hold(grant.probe, waiter, /*local=*/false, asked, &answer);
  }
  Answer(std::move(waiter), std::move(answer), fx);
}

void BreakerEntry::GiveBack(uint64_t session, MonotonicTime now,
                            BreakerEffects* fx) {
  std::vector<std::pair<uint64_t, bool>> ended;
  for (const auto& [id, held] : held_) {
    if (session == 0 || held.session == session) {
      ended.emplace_back(id, held.local);
    }
  }
  for (const auto& [id, local] : ended) {
    held_.erase(id);
    counters_.probes_returned.Add();
    if (local) {
      FinishLocal(now, id, breaker::ProbeResult::kIgnored, false, fx);
    } else {
      outcomes_.push_back({id, breaker::ProbeResult::kIgnored, false});
    }
  }
}

void BreakerEntry::ExpireHeld(MonotonicTime now, BreakerEffects* fx) {
  std::vector<std::pair<uint64_t, bool>> ended;
  for (const auto& [id, held] : held_) {
    if (now >= held.deadline) ended.emplace_back(id, held.local);
  }
  if (ended.empty()) return;
  for (const auto& [id, local] : ended) {
    held_.erase(id);
    counters_.probes_expired.Add();
    if (local) {
      FinishLocal(now, id, breaker::ProbeResult::kFailed, false, fx);
    } else {
      outcomes_.push_back({id, breaker::ProbeResult::kFailed, false});
    }
  }
  Pump(now, fx);
}

void BreakerEntry::EndSession(uint64_t session, BreakerEffects* fx) {
  const MonotonicTime now = context_.clock.Now();
  Lock lock(&lock_);
  GiveBack(session, now, fx);
  Pump(now, fx);
  Arm(fx);
}

void BreakerEntry::Drain(absl::AnyInvocable<void()> done, BreakerEffects* fx) {
  const MonotonicTime now = context_.clock.Now();
  Lock lock(&lock_);
  Serve(now, fx);
  GiveBack(/*session=*/0, now, fx);
  drained_.push_back(std::move(done));
  Pump(now, fx);
}

void BreakerEntry::SetByHand(bool reset, breaker::Forced forced,
                             Breakers::Done<bool> done, BreakerEffects* fx) {
  const MonotonicTime now = context_.clock.Now();
  Lock lock(&lock_);
  by_hand_.push_back(
      {reset, forced, std::move(done), context_.store_time.NowUs(now)});
  Pump(now, fx);
  Arm(fx);
}

void BreakerEntry::Inherit(breaker::Forced forced, uint64_t methods_reset,
                           BreakerEffects* fx) {
  const MonotonicTime now = context_.clock.Now();
  Lock lock(&lock_);
  const bool is_reset = methods_reset > methods_reset_;
  if (standing_.inherited == forced && !is_reset) return;
  standing_.inherited = forced;
  if (is_reset) {
    methods_reset_ = methods_reset;
    if (standing_.shared.generation <= methods_reset) ForgetLocal();
  }
  fx->changed = true;
  Settle(now, fx);
  Pump(now, fx);
  Arm(fx);
}

void BreakerEntry::SetOptions(BreakerOptionsPtr options, BreakerEffects* fx) {
  const MonotonicTime now = context_.clock.Now();
  Lock lock(&lock_);
  if (options->window != options_->window ||
      options->window_calls != options_->window_calls) {
    window_.Reshape({options->window, options->window_calls});
  }
  options_ = std::move(options);
  // Also for its methods: they heard nothing while it was not configured.
  fx->changed = true;
  Settle(now, fx);
  Pump(now, fx);
  Arm(fx);
}

}  // namespace outrigger::coord
