#include "analyser/history/baseline.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace outrigger::analyser {
namespace {

constexpr Duration kDay = std::chrono::hours(24);
// The standard deviation of a normal distribution, in MADs.
constexpr double kScale = 1.4826;

size_t HourOf(WallTime time) {
  const auto since_midnight = time.time_since_epoch() % kDay;
  return static_cast<size_t>(
      std::chrono::duration_cast<std::chrono::hours>(since_midnight).count());
}

template <typename Values>
Baseline::Usual UsualOf(const Values& values) {
  std::vector<float> each;
  for (size_t i = 0; i < values.size(); ++i) each.push_back(values[i]);
  const double median = Median(each);
  for (float& value : each) {
    value = std::abs(value - static_cast<float>(median));
  }
  return {median, kScale * Median(std::move(each))};
}

}  // namespace

double Median(std::vector<float> values) {
  if (values.empty()) return 0;
  const auto middle =
      values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2.0;
}

void Baseline::Add(WallTime minute, double value) {
  if (!first_.has_value()) first_ = minute;
  knows_a_day_ = knows_a_day_ || minute - *first_ >= kDay;
  hour_ = HourOf(minute);
  recent_.Push(static_cast<float>(value));
  by_hour_[hour_].Push(static_cast<float>(value));
  FindUsual();
}

const std::optional<Baseline::Usual>& Baseline::UsualAt(WallTime now) {
  if (const size_t hour = HourOf(now); hour != hour_) {
    hour_ = hour;
    FindUsual();
  }
  return usual_;
}

void Baseline::FindUsual() {
  if (knows_a_day_ && by_hour_[hour_].size() >= kLeastMinutes) {
    usual_ = UsualOf(by_hour_[hour_]);
  } else if (recent_.size() >= kLeastMinutes) {
    usual_ = UsualOf(recent_);
  }
}

}  // namespace outrigger::analyser
