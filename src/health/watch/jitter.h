// What happens every so often in many pods should not happen at once in all.
#ifndef OUTRIGGER_HEALTH_WATCH_JITTER_H_
#define OUTRIGGER_HEALTH_WATCH_JITTER_H_

#include "base/clock.h"
#include "base/random.h"

namespace outrigger::health {

// A share of `length` from `low` to `high`, at random.
inline Duration Share(Duration length, double low, double high,
                      RandomSource& random) {
  const double share = low + (high - low) * random.NextDouble();
  return Duration(
      static_cast<int64_t>(static_cast<double>(length.count()) * share));
}

// Give or take a tenth.
inline Duration About(Duration length, RandomSource& random) {
  return Share(length, 0.9, 1.1, random);
}

}  // namespace outrigger::health

#endif  // OUTRIGGER_HEALTH_WATCH_JITTER_H_
