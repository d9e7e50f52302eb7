// Ejection of an endpoint by the outcomes that callers report (Envoy's outlier
// detection; gRFC A50). Whether it may be ejected, beside the others, is the
// caller's to say.
//
// What was begun before an ejection and ends during it counts for nothing, and
// neither does a health check that passes: an ejected endpoint stays so until
// its time is over. It failed calls, and that it answers checks says nothing of
// those.
#ifndef OUTRIGGER_POOL_HEALTH_OUTLIER_H_
#define OUTRIGGER_POOL_HEALTH_OUTLIER_H_

#include <array>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "pool/options.h"

namespace outrigger::pool {

class Outlier {
 public:
  // True: by its own outcomes it is to be ejected. Then call Eject or Spare.
  bool OnOutcome(bool success, const HealthOptions& options, MonotonicTime now);
  void Eject(const HealthOptions& options, MonotonicTime now);
  // It is not ejected, because too many are; failures count anew.
  void Spare();

  bool ejected(MonotonicTime now) const { return now < until_; }
  // When the last ejection ends, or ended. min(): there was none.
  MonotonicTime until() const { return until_; }
  // Why, while it is ejected.
  const std::string& reason() const { return reason_; }

 private:
  static constexpr size_t kBuckets = 10;
  struct Bucket {
    int64_t number = -1;  // since the clock's start
    uint32_t successes = 0;
    uint32_t failures = 0;
  };

  // Of the window up to now: true if its share of failures is too great.
  bool CountInWindow(bool success, const HealthOptions& options,
                     MonotonicTime now);

  int64_t failures_in_row_ = 0;
  std::array<Bucket, kBuckets> buckets_{};
  MonotonicTime until_ = MonotonicTime::min();
  // Ejections in succession.
  int64_t times_ = 0;
  std::string reason_;
};

}  // namespace outrigger::pool

#endif  // OUTRIGGER_POOL_HEALTH_OUTLIER_H_
