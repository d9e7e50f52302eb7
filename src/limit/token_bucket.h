// A token bucket as a value: what it held, and when.
//
// It refills continuously at shape.tokens per shape.period_us, up to a cap.
// Tokens may be negative: they are then reserved by callers who wait, in the
// order in which they asked, so that nobody overtakes them.
//
// Pure functions of the time given; the caller locks. Times are microseconds on
// one timeline of the caller's choice; a time before the last one counts as the
// last one.
#ifndef OUTRIGGER_LIMIT_TOKEN_BUCKET_H_
#define OUTRIGGER_LIMIT_TOKEN_BUCKET_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "limit/shape.h"

namespace outrigger::limit {

// Differences below this many tokens come from rounding, not from anybody.
inline constexpr double kTokenEpsilon = 1e-6;

// Microseconds until `missing` tokens have come back, rounded up: a caller who
// waits this long alone is admitted.
inline int64_t MicrosToRefill(const Shape& shape, double missing) {
  if (missing <= 0) return 0;
  const double micros =
      std::ceil(missing * static_cast<double>(shape.period_us) / shape.tokens);
  return micros >= 9e18 ? kNever : static_cast<int64_t>(micros);
}

struct TokenBucket {
  double tokens = 0;
  int64_t as_of_us = 0;

  static TokenBucket Full(const Shape& shape, int64_t now_us) {
    return {shape.burst, now_us};
  }

  // Refills up to `now_us`, to at most `cap` tokens.
  void AdvanceTo(int64_t now_us, const Shape& shape, double cap) {
    const int64_t elapsed_us = now_us - as_of_us;
    if (elapsed_us > 0) {
      tokens += static_cast<double>(elapsed_us) * shape.tokens /
                static_cast<double>(shape.period_us);
      as_of_us = now_us;
    }
    tokens = std::min(tokens, cap);
  }

  // Microseconds until `target` tokens are there, if nothing is taken. Before
  // as_of_us (after the store lost its memory) nothing comes in.
  int64_t MicrosUntil(double target, int64_t now_us, const Shape& shape) const {
    const int64_t refill_us = MicrosToRefill(shape, target - tokens);
    if (refill_us == 0 || refill_us == kNever) return refill_us;
    return refill_us + std::max<int64_t>(0, as_of_us - now_us);
  }

  // Takes `cost` or nothing. With max_wait_us, a cost that comes due within it
  // is taken now and the verdict says how long to wait. Cost 0 peeks: it says
  // whether a cost of 1 would pass. REQUIRES: advanced to now.
  Verdict Take(double cost, int64_t max_wait_us, int64_t now_us,
               const Shape& shape) {
    Verdict verdict;
    const bool peek = cost == 0;
    const double need = peek ? 1 : cost;
    const int64_t wait_us = MicrosUntil(need - kTokenEpsilon, now_us, shape);
    if (need > shape.burst + kTokenEpsilon) {
      verdict.retry_after_us = kNever;
    } else if (wait_us <= (peek ? 0 : max_wait_us)) {
      verdict.allowed = true;
      verdict.wait_us = wait_us;
      if (!peek) tokens -= cost;
    } else {
      verdict.retry_after_us = wait_us;
    }
    verdict.remaining = std::max(0.0, std::floor(tokens + kTokenEpsilon));
    verdict.reset_after_us = MicrosUntil(shape.burst, now_us, shape);
    return verdict;
  }

  void Refund(double cost, double cap) {
    tokens = std::min(tokens + cost, cap);
  }
};

}  // namespace outrigger::limit

#endif  // OUTRIGGER_LIMIT_TOKEN_BUCKET_H_
