#include "coord/breaker/entry/entry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace outrigger::coord {
namespace {

using breaker::Forced;
using breaker::Permits;
using breaker::Reason;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr uint64_t kPasses = 1;
constexpr int kStateBits = 1;
constexpr int kGenerationBits = 4;

// A probe's end frees others to ask, so it is not long that one need wait.
constexpr Duration kAskForProbes = seconds(1);
constexpr Duration kAskSoon = milliseconds(10);

breaker::Window::Shape ShapeOf(const breaker::BreakerOptions& options) {
  return {options.window, options.window_calls};
}

Duration Until(int64_t until_us, int64_t now_us) {
  return microseconds(std::max<int64_t>(0, until_us - now_us));
}

Duration NextProbe(const breaker::Record& record, int64_t now_us) {
  Duration next = kAskForProbes;
  for (const breaker::Probe& probe : record.probes) {
    next = std::min(next, Until(probe.deadline_us, now_us));
  }
  return std::max(next, kAskSoon);
}

}  // namespace

BreakerEntry::BreakerEntry(store::BreakerKey key, BreakerOptionsPtr options,
                           Forced inherited, uint64_t methods_reset,
                           BreakerContext& context, BreakerCounters& counters)
    : key_(std::move(key)),
      context_(context),
      counters_(counters),
      options_(std::move(options)),
      window_(ShapeOf(*options_)) {
  Lock lock(&lock_);
  standing_.inherited = inherited;
  methods_reset_ = methods_reset;
  // By the date, so that what was reported to the program before it was
  // started again is of another generation.
  generation_ = static_cast<uint64_t>(context_.PodUs(context_.clock.Now()));
  seen_state_ = StateNow();
}

bool BreakerEntry::AcquireNow(PermitAnswer* answer) {
  const uint64_t gate = gate_.load(std::memory_order_acquire);
  if ((gate & kPasses) != 0) {
    answer->allowed = true;
    answer->state = static_cast<BreakerState>((gate >> kStateBits) & 7);
    answer->generation = gate >> kGenerationBits;
    answer->permit = permits_.Issue(context_.rough_clock.Now());
    answer->degraded = context_.degraded.load(std::memory_order_relaxed);
    return true;
  }
  const MonotonicTime now = context_.clock.Now();
  Lock lock(&lock_);
  return Decide(now, answer) != Decision::kAsk;
}

void BreakerEntry::SetGate(MonotonicTime now) {
  const Forced forced = standing_.forced();
  bool passes = forced == Forced::kClosed;
  if (forced == Forced::kNone || forced == Forced::kMetricsOnly) {
    // What passes a part, and what is isolated, is looked at each time.
    passes = known_ && standing_.AdmitRatio(*options_, context_, now) >= 1 &&
             standing_.record().state == breaker::State::kClosed;
  }
  gate_.store((generation_ << kGenerationBits) |
                  (static_cast<uint64_t>(StateNow()) << kStateBits) |
                  (passes ? kPasses : 0),
              std::memory_order_release);
}

void BreakerEntry::Fill(PermitAnswer* answer) const {
  answer->state = StateNow();
  answer->generation = generation_;
  answer->degraded =
      failing() || context_.degraded.load(std::memory_order_relaxed);
  answer->isolated = standing_.is_local() && !standing_.detached;
}

BreakerEntry::Decision BreakerEntry::Decide(MonotonicTime now,
                                            PermitAnswer* answer) {
  const Decision decision = DecideByRecord(now, answer);
  if (decision == Decision::kAsk) return decision;
  Fill(answer);
  if (decision == Decision::kDeny) {
    Reject(now, answer);
  } else {
    answer->permit = permits_.Issue(now);
  }
  return decision;
}

void BreakerEntry::Reject(MonotonicTime now, PermitAnswer* answer) {
  if (answer->state != BreakerState::kMetricsOnly) {
    answer->allowed = false;
    rejected_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  would_reject_.fetch_add(1, std::memory_order_relaxed);
  *answer = PermitAnswer();
  Fill(answer);
  answer->permit = permits_.Issue(now);
}

BreakerEntry::Decision BreakerEntry::DecideByRecord(MonotonicTime now,
                                                    PermitAnswer* answer) {
  if (standing_.forced() == Forced::kClosed) return Decision::kAllow;
  if (standing_.forced() == Forced::kOpen) {
    Explain(now, 0, answer);
    return Decision::kDeny;
  }
  if (!known_ && !context_.draining.load()) return Decision::kAsk;
  const breaker::Record& record = standing_.record();
  if (record.state != breaker::State::kClosed) {
    const int64_t now_us = standing_.NowUs(context_, now);
    if (!context_.draining.load() &&
        breaker::MayProbe(Rules(), now_us, record)) {
      return Decision::kAsk;
    }
    Explain(now, 0, answer);
    return Decision::kDeny;
  }
  double ratio = standing_.AdmitRatio(*options_, context_, now);
  if (ratio >= 1) {
    SetGate(now);  // the ramp is over
    return Decision::kAllow;
  }
  ratio *= breaker::Throttle(window_.OverTime(now));
  if (context_.random.NextDouble() < ratio) return Decision::kAllow;
  Explain(now, ratio, answer);
  return Decision::kDeny;
}

void BreakerEntry::Explain(MonotonicTime now, double share,
                           PermitAnswer* answer) const {
  if (standing_.forced() == Forced::kOpen) {
    answer->reason = BreakerReason::kForced;
    answer->message = "forced open";
  } else if (standing_.record().state != breaker::State::kClosed) {
    Deny(now, answer);
  } else {
    answer->reason = BreakerReason::kRecovering;
    answer->message = absl::StrCat(
        "recovering: ", static_cast<int>(100 * share), "% of calls pass");
    answer->retry_after = std::max(kAskSoon, options_->recover_for / 20);
  }
}

void BreakerEntry::Deny(MonotonicTime now, PermitAnswer* answer) const {
  const breaker::Record& record = standing_.record();
  const int64_t now_us = standing_.NowUs(context_, now);
  answer->message = breaker::Explain(record.cause);
  if (record.state == breaker::State::kOpen) {
    answer->reason = ReasonOf(record.cause.reason);
    answer->retry_after = std::max(kAskSoon, Until(record.until_us, now_us));
    return;
  }
  answer->reason = BreakerReason::kProbesInUse;
  answer->message =
      absl::StrCat("half open, and ", record.probes.size(),
                   " probes are out; it opened because ", answer->message);
  answer->retry_after = NextProbe(record, now_us);
}

bool BreakerEntry::Counts(const CallOutcome& outcome, MonotonicTime now) {
  if (outcome.generation != 0 && outcome.generation != generation_) {
    return false;
  }
  // Without either it cannot be told when the call was made.
  if (outcome.permit == 0) return outcome.generation != 0;
  return permits_.Take(outcome.permit, now, options_->permit_timeout) ==
         Permits::Report::kCounts;
}

bool BreakerEntry::Report(const CallOutcome& outcome, MonotonicTime now,
                          BreakerEffects* fx) {
  Lock lock(&lock_);
  const bool is_probe = (outcome.permit & Permits::kForeign) != 0;
  const bool counts =
      is_probe ? ReportProbe(outcome, now, fx) : Counts(outcome, now);
  if (!counts) {
    counters_.dropped.Add(outcome.count);
    return false;
  }
  if (outcome.result == CallResult::kIgnored) {
    counters_.ignored.Add(outcome.count);
    return true;
  }
  const bool failed = outcome.result == CallResult::kFailure;
  const bool slow = breaker::IsSlow(*options_, outcome.duration);
  (failed ? counters_.failed : counters_.succeeded).Add(outcome.count);
  if (slow) counters_.slow.Add(outcome.count);
  if (is_probe) return true;
  window_.Add(now, failed, slow, outcome.count);
  Evaluate(now, fx);
  return true;
}

bool BreakerEntry::ReportProbe(const CallOutcome& outcome, MonotonicTime now,
                               BreakerEffects* fx) {
  const auto found = held_.find(outcome.permit & ~Permits::kForeign);
  if (found == held_.end()) return false;
  const uint64_t id = found->first;
  const Held held = found->second;
  if (outcome.generation != 0 && outcome.generation != held.generation) {
    return false;
  }
  held_.erase(found);
  const bool slow = breaker::IsSlow(*options_, outcome.duration);
  auto result = breaker::ProbeResult::kSucceeded;
  if (outcome.result == CallResult::kFailure) {
    result = breaker::ProbeResult::kFailed;
  } else if (outcome.result == CallResult::kIgnored) {
    result = breaker::ProbeResult::kIgnored;
  }
  const auto& probes =
      held.local ? standing_.local.probes : standing_.shared.probes;
  const bool out =
      std::any_of(probes.begin(), probes.end(),
                  [id](const breaker::Probe& probe) { return probe.id == id; });
  if (!out) return false;  // it was decided without it
  (result == breaker::ProbeResult::kIgnored  ? counters_.probes_returned
   : result == breaker::ProbeResult::kFailed ? counters_.probes_failed
                                             : counters_.probes_succeeded)
      .Add();
  if (held.local) {
    FinishLocal(now, id, result, slow, fx);
  } else {
    outcomes_.push_back({id, result, slow});
    Pump(now, fx);
  }
  Arm(fx);
  return true;
}

void BreakerEntry::Settle(MonotonicTime now, BreakerEffects* fx) {
  const BreakerState state = StateNow();
  const uint64_t generation = standing_.record().generation;
  const bool local = standing_.is_local();
  if (state != seen_state_ || generation != seen_generation_ ||
      local != seen_local_) {
    seen_state_ = state;
    seen_generation_ = generation;
    seen_local_ = local;
    generation_ = std::max(generation_ + 1, generation);
    permits_.StartGeneration();
    window_.Clear();
    // The fleet hears of the first call at once: it is to know how many pods
    // there are before the first of them has a verdict.
    told_at_ = {};
    fx->changed = true;
  }
  SetGate(now);
}

void BreakerEntry::Arm(BreakerEffects* fx) {
  if (context_.draining.load()) return;
  MonotonicTime next = MonotonicTime::max();
  if (ReportIsWanted()) next = report_due_;
  for (const auto& [id, held] : held_) next = std::min(next, held.deadline);
  if (next >= armed_) return;
  armed_ = next;
  fx->wake = next;
}

void BreakerEntry::OnWake(MonotonicTime asked, BreakerEffects* fx) {
  const MonotonicTime now = context_.clock.Now();
  Lock lock(&lock_);
  if (asked != armed_) return;  // another was set since
  armed_ = MonotonicTime::max();
  if (context_.draining.load()) return;
  ExpireHeld(now, fx);
  if (ReportIsWanted() && now >= report_due_) SendReport(now, fx);
  Arm(fx);
}

breaker::Turn BreakerEntry::StoreTurn(MonotonicTime now) const {
  return {context_.store_time.NowUs(now), context_.random.NextDouble(),
          context_.pod};
}
breaker::Turn BreakerEntry::PodTurn(MonotonicTime now) const {
  return {context_.PodUs(now), context_.random.NextDouble(), context_.pod};
}

breaker::ProbeRules BreakerEntry::Rules() const {
  const int64_t probes = options_->half_open_probes;
  // Each pod by itself: its share, if it were the fleet's.
  if (standing_.is_local()) {
    return {std::max<int64_t>(1, probes / std::max<int64_t>(1, pods_))};
  }
  return {probes};
}

}  // namespace outrigger::coord
