// What is usual for a value, robustly: a few wild minutes do not move it.
#ifndef OUTRIGGER_ANALYSER_HISTORY_BASELINE_H_
#define OUTRIGGER_ANALYSER_HISTORY_BASELINE_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "analyser/history/ring.h"
#include "base/clock.h"

namespace outrigger::analyser {

// The median; 0 if there is nothing.
double Median(std::vector<float> values);

// Values by the minute. Until there is a day of them, what is usual is what the
// last two hours were like; then, what the same hour was like lately, so that
// the night's quiet and the morning's rush are usual. What lasts becomes usual:
// a new level is after half of these minutes. About 7 KiB, a value.
class Baseline {
 public:
  struct Usual {
    double median = 0;
    // The median of the distances from it, scaled so that it equals the
    // standard deviation of normally distributed values.
    double deviation = 0;
  };
  // Minutes that must be known before anything is usual.
  static constexpr size_t kLeastMinutes = 30;

  // The mean over the minute that began at `minute`.
  void Add(WallTime minute, double value);

  // What is usual at the time of day of `now`. Unset: not known yet.
  const std::optional<Usual>& UsualAt(WallTime now);

 private:
  static constexpr size_t kRecentMinutes = 120;
  static constexpr size_t kMinutesOfAnHour = 60;

  void FindUsual();

  std::optional<WallTime> first_;
  bool knows_a_day_ = false;
  Ring<float, kRecentMinutes> recent_;
  std::array<Ring<float, kMinutesOfAnHour>, 24> by_hour_;  // of UTC's day
  // For this hour, kept until a minute is added or the hour is another.
  size_t hour_ = 0;
  std::optional<Usual> usual_;
};

// Means over a minute, from values that come at any time.
class MinuteMean {
 public:
  // Calls done(minute's start, mean) when `wall` is in another minute than the
  // values before, if there were any.
  template <typename Done>
  void Add(WallTime wall, std::optional<double> value, const Done& done) {
    const WallTime minute = std::chrono::floor<std::chrono::minutes>(wall);
    if (minute != minute_) {
      if (count_ > 0) done(minute_, sum_ / count_);
      minute_ = minute;
      sum_ = 0;
      count_ = 0;
    }
    if (!value.has_value()) return;
    sum_ += *value;
    ++count_;
  }

 private:
  WallTime minute_{};
  double sum_ = 0;
  int count_ = 0;
};

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_HISTORY_BASELINE_H_
