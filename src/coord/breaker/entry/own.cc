// What a pod makes of what it has seen itself, and tells the fleet.
#include <algorithm>
#include <utility>

#include "coord/breaker/entry/entry.h"

namespace outrigger::coord {
namespace {

using breaker::Reason;
using breaker::State;
using std::chrono::milliseconds;
using std::chrono::seconds;

// How soon the fleet hears of what looks bad, and of what does not.
constexpr Duration kSuspectEvery = milliseconds(200);
constexpr Duration kCalmEvery = seconds(2);

Duration CalmEvery(const breaker::BreakerOptions& options) {
  return std::clamp<Duration>(options.window / 2, kSuspectEvery, kCalmEvery);
}

int64_t ToMillis(Duration d) {
  return std::chrono::duration_cast<milliseconds>(d).count();
}

}  // namespace

void BreakerEntry::Evaluate(MonotonicTime now, BreakerEffects* fx) {
  const breaker::Tally seen = window_.Judged(now);
  const uint64_t in_a_row = window_.consecutive_failures();
  untold_ = true;
  const bool closed =
      (standing_.detached || standing_.shared.state == State::kClosed) &&
      standing_.local.state == State::kClosed && MayTrip(standing_.forced());
  breaker::Cause cause;
  if (closed) cause = breaker::Judge(*options_, seen, in_a_row);
  if (cause.reason != Reason::kNone) {
    TripLocal(now, cause, fx);
  } else {
    PlanReport(now, breaker::IsSuspect(*options_, seen, in_a_row));
  }
  Arm(fx);
}

void BreakerEntry::TripLocal(MonotonicTime now, const breaker::Cause& cause,
                             BreakerEffects* fx) {
  own_cause_ = cause;
  own_seen_ = window_.OverTime(now);
  own_seen_at_ = now;
  announced_ = false;
  breaker::Trip(*options_, PodTurn(now), cause, &standing_.local);
  Settle(now, fx);
  if (failing()) AnnounceLocal(fx);
  // The fleet hears of it at once.
  told_at_ = {};
  PlanReport(now, true);
  if (ReportIsWanted()) SendReport(now, fx);
}

// The pod's own state is news unless the fleet's takes over, which is known
// when the first report of it is answered.
void BreakerEntry::AnnounceLocal(BreakerEffects* fx) {
  if (std::exchange(announced_, true)) return;
  const breaker::Record& local = standing_.local;
  fx->events.push_back(
      {static_cast<BreakerState>(local.state), /*fleet=*/false,
       breaker::Explain(local.cause), local.opened_by, local.attempts,
       std::chrono::microseconds(local.until_us - local.opened_at_us)});
}

void BreakerEntry::AfterLocal(const breaker::Record& before, MonotonicTime now,
                              BreakerEffects* fx) {
  const breaker::Record& local = standing_.local;
  if (local == before) return;
  fx->changed = true;
  if (local.generation != before.generation) {
    announced_ = false;
    AnnounceLocal(fx);
    if (local.state == State::kClosed) {
      own_cause_ = {};
      own_seen_ = {};
    }
    // The fleet hears that this pod thinks otherwise.
    untold_ = true;
    told_at_ = {};
    PlanReport(now, true);
  }
  Settle(now, fx);
}

void BreakerEntry::FinishLocal(MonotonicTime now, uint64_t id,
                               breaker::ProbeResult result, bool slow,
                               BreakerEffects* fx) {
  const breaker::Record before = standing_.local;
  breaker::FinishProbe(*options_, Rules(), PodTurn(now), id, result, slow,
                       &standing_.local);
  AfterLocal(before, now, fx);
}

bool BreakerEntry::TakeLocalProbe(const Waiter& waiter, MonotonicTime now,
                                  PermitAnswer* answer, BreakerEffects* fx) {
  const breaker::Record before = standing_.local;
  const breaker::Turn turn = PodTurn(now);
  breaker::Settle(*options_, Rules(), turn, &standing_.local);
  const uint64_t id = context_.random.Next() >> 2;
  const bool taken = breaker::TakeProbe(
      Rules(), turn,
      {id, context_.holder, turn.now_us + ToMicros(TimeoutOf(waiter))},
      &standing_.local);
  AfterLocal(before, now, fx);
  if (taken) Hold(id, waiter, /*local=*/true, now, answer);
  return taken;
}

// The pod goes on alone from where the fleet was.
void BreakerEntry::Detach(MonotonicTime now) {
  const int64_t later = context_.PodUs(now) - context_.store_time.NowUs(now);
  breaker::Record& local = standing_.local;
  local = standing_.shared;
  local.forced = breaker::Forced::kNone;
  local.opened_at_us += later;
  local.until_us += later;
  if (local.state == State::kHalfOpen) {
    // Its probes are the fleet's.
    local.state = State::kOpen;
    local.until_us = context_.PodUs(now);
    local.probes.clear();
    local.decided = {};
  }
  standing_.detached = true;
}

bool BreakerEntry::ReportIsWanted() const {
  return untold_ && known_ && !reporting_ && !failing();
}

void BreakerEntry::PlanReport(MonotonicTime now, bool suspect) {
  const Duration every = suspect ? kSuspectEvery : CalmEvery(*options_);
  report_due_ = std::max(now, told_at_ + every);
}

void BreakerEntry::SendReport(MonotonicTime now, BreakerEffects* fx) {
  reporting_ = true;
  untold_ = false;
  told_at_ = now;
  // What it opened for is evidence as long as it is in the window; that it is
  // still open is none.
  const bool open = standing_.local.state != State::kClosed &&
                    now - own_seen_at_ <= options_->window;
  const breaker::Tally seen = open ? own_seen_ : window_.OverTime(now);
  store::BreakerReport report;
  report.key = key_;
  report.pod = context_.pod;
  report.generation = FleetGeneration();
  report.seen = {seen.calls, seen.failures, seen.slow};
  report.bad = open || breaker::LooksBad(*options_, seen);
  report.keep_for_ms =
      ToMillis(options_->window + 2 * CalmEvery(*options_)) + 1;
  fx->report = std::move(report);
  fx->sent_revision = revision_;
}

void BreakerEntry::JudgeFleet(MonotonicTime now) {
  breaker::FleetSeen fleet = fleet_;
  // In a generation that is young the others may not have said anything yet;
  // else the one bad pod, which is quick to speak, would be all there are.
  if (now - generation_began_ < options_->window) {
    fleet.pods = std::max(fleet.pods, pods_);
  } else {
    pods_ = fleet.pods;
  }
  pods_ = std::max(pods_, fleet.pods);
  if (standing_.shared.state != State::kClosed ||
      !MayTrip(standing_.forced())) {
    return;
  }
  const bool open = standing_.local.state != State::kClosed;
  trip_ = breaker::JudgeFleet(*options_, fleet,
                              open ? own_cause_ : breaker::Cause{});
}

void BreakerEntry::OnReported(uint64_t sent_revision,
                              absl::StatusOr<store::BreakerReply> reply,
                              BreakerEffects* fx) {
  const MonotonicTime now = context_.clock.Now();
  if (reply.ok()) context_.store_time.Learn(now, reply->now_us);
  Lock lock(&lock_);
  reporting_ = false;
  if (!reply.ok()) {
    untold_ = true;
    NoteFailedWrite(now);
    AnnounceLocal(fx);
    Pump(now, fx);
    return Arm(fx);
  }
  NoteWrite(now, fx);
  unread_ = false;
  Adopt(now, sent_revision, reply->record, fx);
  const store::BreakerEvidence& seen = reply->evidence;
  if (seen.generation == FleetGeneration()) {
    fleet_ = {{seen.seen.calls, seen.seen.failures, seen.seen.slow},
              seen.reporters,
              seen.bad_reporters};
    JudgeFleet(now);
  }
  if (trip_.reason == Reason::kNone) {
    if (standing_.local.state != State::kClosed) AnnounceLocal(fx);
  }
  Pump(now, fx);
  Arm(fx);
}

}  // namespace outrigger::coord
