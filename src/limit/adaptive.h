// The rate of an adaptive limit: additive increase, multiplicative decrease.
#ifndef OUTRIGGER_LIMIT_ADAPTIVE_H_
#define OUTRIGGER_LIMIT_ADAPTIVE_H_

#include <algorithm>
#include <cstdint>

#include "limit/shape.h"

namespace outrigger::limit {

// A value; the caller locks. Times are microseconds on one timeline.
struct AdaptiveRate {
  double tokens_per_second = 0;
  int64_t stepped_us = 0;
  bool stepped_up = true;

  static AdaptiveRate Initial(const AdaptiveShape& shape) {
    return {shape.initial, std::numeric_limits<int64_t>::min() / 2, true};
  }

  // One step up or down, within floor and ceiling, unless the last step was
  // less than step_every_us ago; the first step down after one up always
  // counts.
  void Step(bool up, int64_t now_us, const AdaptiveShape& shape) {
    const bool turns_down = stepped_up && !up;
    if (!turns_down && now_us - stepped_us < shape.step_every_us) return;
    tokens_per_second =
        up ? tokens_per_second + shape.increase
           : tokens_per_second * (1 - shape.decrease_percent / 100);
    Clamp(shape);
    stepped_us = now_us;
    stepped_up = up;
  }

  // Keeps the rate within bounds that have changed.
  void Clamp(const AdaptiveShape& shape) {
    tokens_per_second =
        std::clamp(tokens_per_second, shape.floor, shape.ceiling);
  }

  // `shape` with this rate in place of its own.
  Shape Apply(Shape shape) const {
    shape.tokens =
        tokens_per_second * static_cast<double>(shape.period_us) / 1e6;
    return shape;
  }
};

}  // namespace outrigger::limit

#endif  // OUTRIGGER_LIMIT_ADAPTIVE_H_
