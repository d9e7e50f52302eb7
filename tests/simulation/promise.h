// The promise of one bucket, checked at every admission: in no interval was
// more admitted than the limit allows.
#ifndef OUTRIGGER_TESTS_SIMULATION_PROMISE_H_
#define OUTRIGGER_TESTS_SIMULATION_PROMISE_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>

#include "limit/shape.h"

namespace outrigger::simulation {

// Times are the store's, in microseconds, not falling.
class Promise {
 public:
  explicit Promise(const limit::Shape& shape) : shape_(shape) {}

  // Returns false if this admission breaks the promise.
  bool Admit(int64_t now_us, double cost) {
    admitted_ += cost;
    switch (shape_.algorithm) {
      case limit::Algorithm::kFixedWindow:
        return AdmitFixed(now_us, cost);
      case limit::Algorithm::kSlidingWindow:
        return AdmitSliding(now_us, cost);
      case limit::Algorithm::kTokenBucket:
      case limit::Algorithm::kAdaptive:
        return AdmitBucket(now_us, cost);
    }
    return false;
  }

  double admitted() const { return admitted_; }
  double excess() const { return excess_; }
  // The most that could have been admitted in `span_us` from a full start.
  double Allowance(int64_t span_us) const {
    const double periods =
        static_cast<double>(span_us) / static_cast<double>(shape_.period_us);
    const bool bucket = shape_.algorithm == limit::Algorithm::kTokenBucket;
    return (bucket ? shape_.burst : 0) + shape_.tokens * periods;
  }

 private:
  // admitted(s,t) <= burst + rate * (t - s) for all s < t, if and only if a
  // bucket of that size that leaks at that rate never overflows.
  bool AdmitBucket(int64_t now_us, double cost) {
    const double leaked =
        static_cast<double>(now_us - last_us_) * shape_.TokensPerMicro();
    level_ = std::max(0.0, level_ - leaked) + cost;
    last_us_ = now_us;
    return Within(level_);
  }
  bool AdmitFixed(int64_t now_us, double cost) {
    const int64_t window = now_us / shape_.period_us;
    level_ = window == window_ ? level_ + cost : cost;
    window_ = window;
    return Within(level_);
  }
  bool AdmitSliding(int64_t now_us, double cost) {
    while (!recent_.empty() &&
           recent_.front().first + shape_.period_us <= now_us) {
      level_ -= recent_.front().second;
      recent_.pop_front();
    }
    recent_.emplace_back(now_us, cost);
    level_ += cost;
    return Within(level_);
  }
  bool Within(double level) {
    excess_ = std::max(excess_, level - shape_.burst);
    // Rounding: a hundredth of a token.
    return level <= shape_.burst + 0.01;
  }

  const limit::Shape shape_;
  double admitted_ = 0;
  double level_ = 0;
  double excess_ = 0;
  int64_t last_us_ = 0;
  int64_t window_ = -1;
  std::deque<std::pair<int64_t, double>> recent_;
};

}  // namespace outrigger::simulation

#endif  // OUTRIGGER_TESTS_SIMULATION_PROMISE_H_
