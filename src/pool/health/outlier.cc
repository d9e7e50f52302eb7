#include "pool/health/outlier.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace outrigger::pool {

bool Outlier::OnOutcome(bool success, const HealthOptions& options,
                        MonotonicTime now) {
  if (ejected(now)) return false;
  failures_in_row_ = success ? 0 : failures_in_row_ + 1;
  const bool rate_is_bad =
      options.eject_rate > 0 && CountInWindow(success, options, now);
  if (options.eject_after > 0 && failures_in_row_ >= options.eject_after) {
    reason_ = absl::StrCat(failures_in_row_, " failures in a row");
    return true;
  }
  return rate_is_bad;
}

bool Outlier::CountInWindow(bool success, const HealthOptions& options,
                            MonotonicTime now) {
  const int64_t number = now.time_since_epoch() /
                         (options.eject_window / static_cast<int>(kBuckets));
  Bucket& bucket = buckets_[static_cast<size_t>(number) % kBuckets];
  if (bucket.number != number) bucket = {number, 0, 0};
  ++(success ? bucket.successes : bucket.failures);
  int64_t failures = 0;
  int64_t all = 0;
  for (const Bucket& b : buckets_) {
    if (b.number <= number - static_cast<int64_t>(kBuckets)) continue;
    // From a window that was longer.
    if (b.number > number) continue;
    failures += b.failures;
    all += b.failures + b.successes;
  }
  if (all < options.eject_minimum) return false;
  if (static_cast<double>(failures) <
      options.eject_rate * static_cast<double>(all)) {
    return false;
  }
  reason_ = absl::StrCat(failures, " of ", all, " calls failed");
  return true;
}

void Outlier::Eject(const HealthOptions& options, MonotonicTime now) {
  if (times_ > 0) {
    times_ -= std::min(times_, (now - until_) / options.eject_for);
  }
  const int64_t most =
      (options.eject_max + options.eject_for - Duration(1)) / options.eject_for;
  times_ = std::min(times_ + 1, most);
  until_ = now + std::min(options.eject_for * times_, options.eject_max);
  failures_in_row_ = 0;
  buckets_ = {};
}

void Outlier::Spare() {
  failures_in_row_ = 0;
  buckets_ = {};
  reason_.clear();
}

}  // namespace outrigger::pool
