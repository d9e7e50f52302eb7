// What a pod has seen of a service lately.
#ifndef OUTRIGGER_BREAKER_WINDOW_H_
#define OUTRIGGER_BREAKER_WINDOW_H_

#include <array>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "breaker/record.h"

namespace outrigger::breaker {

// Counts calls over a window of time and, if asked, over the last so many. A
// call counts when it is reported. Of constant memory; not thread-safe. Times
// must not fall by more than a window.
class Window {
 public:
  struct Shape {
    Duration time{};    // > 0; kept in tenths
    int64_t calls = 0;  // >= 0; 0: no window of calls

    bool operator==(const Shape&) const = default;
  };

  explicit Window(const Shape& shape) { Reshape(shape); }

  // Forgets all.
  void Reshape(const Shape& shape);
  void Clear();

  // `calls` calls that went alike. REQUIRES: calls > 0.
  void Add(MonotonicTime now, bool failed, bool slow, uint64_t calls = 1);

  // Of the window of time: what was counted within the last nine to ten tenths
  // of it.
  Tally OverTime(MonotonicTime now) const;
  // What rates are judged by: of the last so many calls, if that is asked.
  Tally Judged(MonotonicTime now) const;
  // Failures since the latest success.
  uint64_t consecutive_failures() const { return consecutive_failures_; }

 private:
  static constexpr size_t kBuckets = 10;
  static constexpr uint8_t kFailed = 1;
  static constexpr uint8_t kSlow = 2;

  struct Bucket {
    int64_t number = -1;  // of the tenth that it counts
    Tally tally;
  };

  int64_t TenthOf(MonotonicTime now) const {
    return now.time_since_epoch().count() / tenth_ns_;
  }
  void AddToRing(uint8_t kind);

  Shape shape_;
  int64_t tenth_ns_ = 1;
  std::array<Bucket, kBuckets> buckets_;
  uint64_t consecutive_failures_ = 0;

  std::vector<uint8_t> ring_;  // the last calls, by kind
  size_t next_ = 0;            // where the next one goes
  Tally ring_tally_;
};

}  // namespace outrigger::breaker

#endif  // OUTRIGGER_BREAKER_WINDOW_H_
