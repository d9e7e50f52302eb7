#include "store/memory/breaker_reports.h"

#include <algorithm>

namespace outrigger::store {
namespace {

BreakerSeen Bounded(const BreakerSeen& seen) {
  return {std::min(seen.calls, kMaxBreakerSeen),
          std::min(seen.failures, kMaxBreakerSeen),
          std::min(seen.slow, kMaxBreakerSeen)};
}

}  // namespace

void BreakerReports::Add(const std::string& pod, const Snapshot& snapshot) {
  pods_[pod] = snapshot;
  expiries_.insert({snapshot.until_us, pod});
  sum_.seen.calls += snapshot.seen.calls;
  sum_.seen.failures += snapshot.seen.failures;
  sum_.seen.slow += snapshot.seen.slow;
  sum_.reporters += snapshot.seen.calls > 0 ? 1 : 0;
  sum_.bad_reporters += snapshot.bad ? 1 : 0;
}

void BreakerReports::Remove(const std::string& pod) {
  const auto it = pods_.find(pod);
  if (it == pods_.end()) return;
  const Snapshot& snapshot = it->second;
  expiries_.erase({snapshot.until_us, pod});
  sum_.seen.calls -= snapshot.seen.calls;
  sum_.seen.failures -= snapshot.seen.failures;
  sum_.seen.slow -= snapshot.seen.slow;
  sum_.reporters -= snapshot.seen.calls > 0 ? 1 : 0;
  sum_.bad_reporters -= snapshot.bad ? 1 : 0;
  pods_.erase(it);
}

void BreakerReports::Forget() {
  pods_.clear();
  expiries_.clear();
  sum_ = {};
}

void BreakerReports::Expire(int64_t now_us) {
  while (!expiries_.empty() && expiries_.begin()->first <= now_us) {
    Remove(std::string(expiries_.begin()->second));
  }
  if (pods_.empty()) Forget();
}

void BreakerReports::Take(const BreakerReport& report, int64_t now_us) {
  Expire(now_us);
  if (report.generation < sum_.generation) return;
  if (report.generation > sum_.generation) Forget();
  sum_.generation = report.generation;
  Remove(report.pod);
  Add(report.pod,
      {Bounded(report.seen), report.bad, now_us + report.keep_for_ms * 1000});
}

const BreakerEvidence& BreakerReports::Sum(int64_t now_us) {
  Expire(now_us);
  return sum_;
}

}  // namespace outrigger::store
