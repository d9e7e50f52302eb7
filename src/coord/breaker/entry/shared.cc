// The fleet's record: how a pod comes to know it, and changes it.
#include <algorithm>
#include <utility>

#include "coord/breaker/entry/entry.h"

namespace outrigger::coord {
namespace {

using breaker::Forced;
using breaker::Reason;
using breaker::State;

// A record that nobody has changed for so long is forgotten, but for what was
// set by hand.
constexpr int64_t kKeepMs = 24LL * 3600 * 1000;

int64_t KeepForMs(const breaker::Record& record, int64_t now_us) {
  if (record.forced != Forced::kNone) return 0;
  return kKeepMs + std::max<int64_t>(0, record.until_us - now_us) / 1000;
}

BreakerState StateOf(const breaker::Record& record) {
  Standing standing;
  standing.shared = record;
  return standing.State({});
}

BreakerEvent EventOf(const breaker::Record& record) {
  return {StateOf(record),
          /*fleet=*/true,
          breaker::Explain(record.cause),
          record.opened_by,
          record.attempts,
          std::chrono::microseconds(record.until_us - record.opened_at_us)};
}

bool Contains(const breaker::Record& record, uint64_t id) {
  return std::any_of(
      record.probes.begin(), record.probes.end(),
      [id](const breaker::Probe& probe) { return probe.id == id; });
}

}  // namespace

void BreakerEntry::Refresh(BreakerEffects* fx) {
  Lock lock(&lock_);
  if (std::exchange(reading_, true)) {
    read_again_ = true;
    return;
  }
  fx->read = true;
  fx->sent_revision = revision_;
}

void BreakerEntry::OnRead(uint64_t sent_revision,
                          absl::StatusOr<store::BreakerReply> reply,
                          BreakerEffects* fx) {
  const MonotonicTime now = context_.clock.Now();
  if (reply.ok()) context_.store_time.Learn(now, reply->now_us);
  Lock lock(&lock_);
  reading_ = false;
  // Whoever waited for the first answer waits no longer, whatever it is.
  known_ = true;
  unread_ = !reply.ok();
  if (reply.ok()) {
    Adopt(now, sent_revision, reply->record, fx);
    if (std::exchange(read_again_, false)) {
      reading_ = fx->read = true;
      fx->sent_revision = revision_;
    }
  }
  SetGate(now);
  if (!unread_) TryToWrite(now, fx);
  Pump(now, fx);
  Arm(fx);
}

void BreakerEntry::Adopt(MonotonicTime now, uint64_t sent_revision,
                         const store::BreakerRecord& record,
                         BreakerEffects* fx) {
  const bool newer = record.revision > revision_;
  // Not merely an answer that was overtaken.
  const bool forgot = record.revision < std::min(revision_, sent_revision);
  if (!newer && !forgot) return;
  breaker::Record next;
  if (record.revision > 0) {
    absl::StatusOr<breaker::Record> decoded = breaker::Decode(record.bytes);
    fx->damaged = !decoded.ok();
    if (decoded.ok()) next = *std::move(decoded);
  }
  revision_ = record.revision;
  greatest_revision_ = std::max(greatest_revision_, revision_);
  const uint64_t known = standing_.shared.generation;
  if (next.generation < known || (forgot && next.generation == known)) {
    // The store has lost its last writes, or somebody has put back what he knew
    // and this pod knows better.
    restore_ = known > 0;
    return;
  }
  restore_ = false;
  ForgetOvertaken(next);
  SetShared(now, std::move(next), fx);
  GiveBackOrphans();
}

void BreakerEntry::SetShared(MonotonicTime now, breaker::Record next,
                             BreakerEffects* fx) {
  const breaker::Record before =
      std::exchange(standing_.shared, std::move(next));
  const breaker::Record& shared = standing_.shared;
  if (shared.generation != before.generation) {
    fleet_ = {};
    trip_ = {};
    generation_began_ = now;
    if (StateOf(shared) != StateOf(before)) {
      fx->events.push_back(EventOf(shared));
    }
  }
  if (shared.state != State::kClosed ||
      shared.methods_reset != before.methods_reset) {
    ForgetLocal();
  }
  fx->changed = true;
  Settle(now, fx);
}

void BreakerEntry::ForgetLocal() {
  standing_.local = {};
  standing_.detached = false;
  own_cause_ = {};
  own_seen_ = {};
  announced_ = true;
  std::erase_if(held_, [](const auto& held) { return held.second.local; });
}

// Probes in the pod's name of which it knows nothing: of a swap that seemed to
// have failed, or of callers who have gone.
void BreakerEntry::GiveBackOrphans() {
  for (const breaker::Probe& probe : standing_.shared.probes) {
    if (probe.holder != context_.holder || held_.contains(probe.id)) continue;
    const auto same = [&probe](const auto& other) {
      return other.id == probe.id;
    };
    if (std::any_of(outcomes_.begin(), outcomes_.end(), same)) continue;
    if (swapping_.has_value() && Contains(swapping_->next, probe.id)) continue;
    outcomes_.push_back({probe.id, breaker::ProbeResult::kIgnored, false});
  }
}

BreakerEntry::Swapping BreakerEntry::BuildSwap(MonotonicTime now) {
  const breaker::Turn turn = StoreTurn(now);
  const breaker::ProbeRules rules = Rules();
  Swapping swap;
  breaker::Record& next = swap.next;
  next = standing_.shared;
  breaker::Rebase(turn.now_us, &next);
  if (next.generation <= methods_reset_ &&
      !breaker::Plain(*options_, turn.now_us, next)) {
    breaker::Reset(turn, &next);
  }
  for (const ByHand& by_hand : by_hand_) {
    if (by_hand.reset) {
      breaker::Reset(turn, &next);
    } else {
      breaker::Force(by_hand.forced, turn, &next);
    }
  }
  swap.sent = now;
  swap.by_hand = by_hand_.size();
  for (const ProbeOutcome& outcome : outcomes_) {
    breaker::FinishProbe(*options_, rules, turn, outcome.id, outcome.result,
                         outcome.slow, &next);
  }
  swap.outcomes = outcomes_.size();
  const Forced forced =
      next.forced != Forced::kNone ? next.forced : standing_.inherited;
  if (trip_.reason != Reason::kNone && next.state == State::kClosed &&
      MayTrip(forced)) {
    breaker::Trip(*options_, turn, trip_, &next);
  }
  if (waiters_.empty()) return swap;
  breaker::Settle(*options_, rules, turn, &next);
  for (const Waiter& waiter : waiters_) {
    const breaker::Probe probe{context_.random.Next() >> 2, context_.holder,
                               turn.now_us + ToMicros(TimeoutOf(waiter))};
    if (!breaker::TakeProbe(rules, turn, probe, &next)) break;
    swap.grants.push_back({waiter.ticket, probe.id});
  }
  return swap;
}

void BreakerEntry::Pump(MonotonicTime now, BreakerEffects* fx) {
  if (swapping_.has_value()) return;
  Serve(now, fx);
  if (failing()) return FailSwap(now, fx);
  if (!known_) return;
  Swapping swap = BuildSwap(now);
  if (swap.next == standing_.shared && !restore_) {
    FinishSwap(std::move(swap), now, fx);
    if (outcomes_.empty()) EndDrain(fx);
    // The estimate of the store's time has gone back a little: too early.
    return RefuseAll(now, fx);
  }
  store::BreakerSwap request;
  request.key = key_;
  request.expected = revision_;
  request.above = greatest_revision_;
  request.bytes = breaker::Encode(swap.next);
  request.keep_for_ms = KeepForMs(swap.next, context_.store_time.NowUs(now));
  fx->swap = std::move(request);
  fx->sent_revision = revision_;
  swapping_ = std::move(swap);
}

void BreakerEntry::OnSwapped(uint64_t sent_revision,
                             absl::StatusOr<store::BreakerSwapReply> reply,
                             BreakerEffects* fx) {
  const MonotonicTime now = context_.clock.Now();
  if (reply.ok()) context_.store_time.Learn(now, reply->now_us);
  Lock lock(&lock_);
  Swapping swap = *std::move(swapping_);
  swapping_.reset();
  if (!reply.ok()) {
    NoteFailedWrite(now);
    FailSwap(now, fx);
    return Arm(fx);
  }
  if (reply->swapped) {
    NoteWrite(now, fx);
    // Unless a later answer has overtaken this one.
    if (reply->record.revision > revision_) {
      revision_ = reply->record.revision;
      greatest_revision_ = std::max(greatest_revision_, revision_);
      restore_ = false;
      stored_by_hand_ = {swap.next.forced, swap.next.methods_reset};
      SetShared(now, swap.next, fx);
    }
    FinishSwap(std::move(swap), now, fx);
    GiveBackOrphans();
    if (outcomes_.empty()) EndDrain(fx);
  } else {
    Adopt(now, sent_revision, reply->record, fx);
  }
  Pump(now, fx);
  Arm(fx);
}

void BreakerEntry::FinishSwap(Swapping done, MonotonicTime now,
                              BreakerEffects* fx) {
  outcomes_.erase(outcomes_.begin(),
                  outcomes_.begin() + static_cast<int64_t>(done.outcomes));
  for (size_t i = 0; i < done.by_hand; ++i) {
    if (by_hand_[i].done == nullptr) continue;
    fx->answers.push_back(
        [done = std::move(by_hand_[i].done)]() mutable { done(false); });
  }
  by_hand_.erase(by_hand_.begin(),
                 by_hand_.begin() + static_cast<int64_t>(done.by_hand));
  trip_ = {};
  for (const Swapping::Grant& grant : done.grants) {
    // If not, it was given back in the meantime by a state that has moved on.
    if (Contains(standing_.shared, grant.probe))
      Give(grant, done.sent, now, fx);
  }
}

}  // namespace outrigger::coord
