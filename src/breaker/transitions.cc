#include "breaker/transitions.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace outrigger::breaker {
namespace {

constexpr int64_t kClocksDifferUs = 1'000'000;

uint64_t NextGeneration(const Turn& turn, const Record& record) {
  // By the clock, so that it grows also where the last record was forgotten.
  return std::min(
      std::max(record.generation + 1,
               static_cast<uint64_t>(std::max<int64_t>(turn.now_us, 0))),
      kMaxGeneration - 1);
}

int64_t WaitUs(const BreakerOptions& options, const Turn& turn,
               uint32_t attempts) {
  const double first = static_cast<double>(ToMicros(options.open_for));
  const double most =
      std::max(first, static_cast<double>(ToMicros(options.open_max)));
  const double wait =
      std::min(first * std::pow(options.open_backoff, attempts - 1), most);
  return static_cast<int64_t>(wait * (1 + options.open_jitter * turn.random));
}

void Open(const BreakerOptions& options, const Turn& turn, const Cause& cause,
          uint32_t attempts, Record* record) {
  record->generation = NextGeneration(turn, *record);
  record->state = State::kOpen;
  record->cause = cause;
  record->opened_at_us = turn.now_us;
  record->opened_by = std::string(turn.pod.substr(0, kMaxPodBytes));
  record->until_us = turn.now_us + WaitUs(options, turn, attempts);
  record->recovering_since_us = 0;
  record->attempts = attempts;
  record->probes.clear();
  record->decided = {};
}

void Close(const Turn& turn, Record* record) {
  record->generation = NextGeneration(turn, *record);
  record->state = State::kClosed;
  record->recovering_since_us = turn.now_us;
  record->probes.clear();
  record->decided = {};
}

// Whether so many of `probes` are too many. `rate` 0: any is.
bool TooMany(uint64_t bad, int64_t probes, double rate) {
  return bad > 0 &&
         static_cast<double>(bad) >= rate * static_cast<double>(probes);
}

void Decide(const BreakerOptions& options, const ProbeRules& rules,
            const Turn& turn, Record* record) {
  const Tally& seen = record->decided;
  const bool failed =
      TooMany(seen.failures, rules.probes, options.failure_rate);
  const bool slow = options.slow_rate > 0 &&
                    TooMany(seen.slow, rules.probes, options.slow_rate);
  if (failed || slow) {
    const Cause cause{Reason::kProbeFailed, failed ? seen.failures : seen.slow,
                      seen.calls};
    return Open(options, turn, cause, record->attempts + 1, record);
  }
  if (static_cast<int64_t>(seen.calls) >= rules.probes) Close(turn, record);
}

bool HasRoom(const ProbeRules& rules, const Record& record) {
  return static_cast<int64_t>(record.probes.size() + record.decided.calls) <
         rules.probes;
}

}  // namespace

void Trip(const BreakerOptions& options, const Turn& turn, const Cause& cause,
          Record* record) {
  const bool recovers = Recovering(options, turn.now_us, *record);
  Open(options, turn, cause, recovers ? record->attempts + 1 : 1, record);
}

void Rebase(int64_t now_us, Record* record) {
  const bool half_open = record->state == State::kHalfOpen;
  // When half open its wait is over.
  const int64_t began_us = record->state == State::kClosed
                               ? record->recovering_since_us
                           : half_open ? record->until_us
                                       : record->opened_at_us;
  const int64_t ahead_us = began_us - now_us;
  if (ahead_us <= kClocksDifferUs) return;
  if (record->state == State::kClosed) {
    record->recovering_since_us = now_us;
    return;
  }
  record->opened_at_us = std::max<int64_t>(0, record->opened_at_us - ahead_us);
  record->until_us -= ahead_us;
  for (Probe& probe : record->probes) {
    probe.deadline_us = std::max<int64_t>(0, probe.deadline_us - ahead_us);
  }
}

bool MayProbe(const ProbeRules& rules, int64_t now_us, const Record& record) {
  if (record.state == State::kOpen) return now_us >= record.until_us;
  if (record.state != State::kHalfOpen) return false;
  if (HasRoom(rules, record)) return true;
  // All reported, by a pod that allows more of them: it can be decided.
  if (record.probes.empty()) return true;
  return std::any_of(
      record.probes.begin(), record.probes.end(),
      [now_us](const Probe& probe) { return now_us >= probe.deadline_us; });
}

void Settle(const BreakerOptions& options, const ProbeRules& rules,
            const Turn& turn, Record* record) {
  if (record->state != State::kHalfOpen) return;
  const size_t lost = std::erase_if(
      record->probes,
      [&turn](const Probe& probe) { return turn.now_us >= probe.deadline_us; });
  record->decided.calls += lost;
  record->decided.failures += lost;
  Decide(options, rules, turn, record);
}

bool TakeProbe(const ProbeRules& rules, const Turn& turn, const Probe& probe,
               Record* record) {
  if (record->state == State::kOpen && turn.now_us >= record->until_us) {
    record->generation = NextGeneration(turn, *record);
    record->state = State::kHalfOpen;
    record->probes.clear();
    record->decided = {};
  }
  if (record->state != State::kHalfOpen || !HasRoom(rules, *record)) {
    return false;
  }
  record->probes.push_back(probe);
  return true;
}

bool FinishProbe(const BreakerOptions& options, const ProbeRules& rules,
                 const Turn& turn, uint64_t id, ProbeResult result, bool slow,
                 Record* record) {
  if (record->state != State::kHalfOpen) return false;
  const size_t found = std::erase_if(
      record->probes, [id](const Probe& probe) { return probe.id == id; });
  if (found == 0) return false;
  if (result == ProbeResult::kIgnored) return true;
  record->decided.calls += 1;
  record->decided.failures += result == ProbeResult::kFailed ? 1 : 0;
  record->decided.slow += slow ? 1 : 0;
  Decide(options, rules, turn, record);
  return true;
}

void Force(Forced forced, const Turn& turn, Record* record) {
  if (record->forced == forced) return;
  record->generation = NextGeneration(turn, *record);
  record->forced = forced;
  // Who held a probe held it of what was before.
  if (record->state == State::kHalfOpen) {
    record->state = State::kOpen;
    record->until_us = turn.now_us;
  }
  record->probes.clear();
  record->decided = {};
}

void Reset(const Turn& turn, Record* record) {
  Record whole;
  whole.generation = NextGeneration(turn, *record);
  whole.methods_reset = whole.generation;
  *record = whole;
}

double AdmitRatio(const BreakerOptions& options, int64_t now_us,
                  const Record& record) {
  if (record.state != State::kClosed) return 0;
  if (!Recovering(options, now_us, record)) return 1;
  const double passed =
      static_cast<double>(now_us - record.recovering_since_us) /
      static_cast<double>(ToMicros(options.recover_for));
  return options.recover_from +
         (1 - options.recover_from) * std::clamp(passed, 0.0, 1.0);
}

bool Recovering(const BreakerOptions& options, int64_t now_us,
                const Record& record) {
  return record.state == State::kClosed && record.recovering_since_us > 0 &&
         now_us < record.recovering_since_us + ToMicros(options.recover_for);
}

bool Plain(const BreakerOptions& options, int64_t now_us,
           const Record& record) {
  return record.state == State::kClosed && record.forced == Forced::kNone &&
         !Recovering(options, now_us, record);
}

double Throttle(const Tally& seen) {
  constexpr double kMultiple = 2;
  const auto calls = static_cast<double>(seen.calls);
  const double accepted = calls - static_cast<double>(seen.failures);
  return 1 - std::max(0.0, (calls - kMultiple * accepted) / (calls + 1));
}

}  // namespace outrigger::breaker
