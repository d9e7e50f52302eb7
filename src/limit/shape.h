// The numbers of one limit, and how a decision is answered: the values that
// pass between configuration, decisions and stores.
#ifndef OUTRIGGER_LIMIT_SHAPE_H_
#define OUTRIGGER_LIMIT_SHAPE_H_

#include <cstdint>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace outrigger::limit {

// How tokens come back.
enum class Algorithm : uint8_t {
  // A bucket of `burst` tokens that refills continuously at the rate.
  kTokenBucket = 0,
  // At most `burst` in any span of `period_us`. Exact up to kExactWindowLimit;
  // above that time is cut into kSubWindows, and a token counts until its whole
  // sub-window has left: for at most 1/kSubWindows of the period too long, so
  // the error is always towards denying.
  kSlidingWindow = 1,
  // At most `burst` in each span of `period_us`, aligned to the clock's epoch.
  // Up to twice that may pass around an edge; that is what it promises.
  kFixedWindow = 2,
  // A token bucket whose rate follows reported outcomes (AIMD).
  kAdaptive = 3,
};

// The names used in configuration: "token_bucket", "sliding_window", …
absl::string_view AlgorithmName(Algorithm algorithm);

inline constexpr double kExactWindowLimit = 1000;
inline constexpr int64_t kSubWindows = 64;

// Retry-after of a request that can never be admitted.
inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

// One limit's size. A value; compare and copy freely.
struct Shape {
  Algorithm algorithm = Algorithm::kTokenBucket;
  // Tokens per period. Finite, > 0, at most 1e12.
  double tokens = 1;
  // Microseconds, 1,000 (1 ms) to 366 days.
  int64_t period_us = 1'000'000;
  // Most tokens that can be taken at once, >= 1, at most 1e12. For windows: the
  // most in one window, and equal to `tokens`.
  double burst = 1;

  double TokensPerMicro() const {
    return tokens / static_cast<double>(period_us);
  }
  bool operator==(const Shape&) const = default;
};

// OK, or kInvalidArgument saying which number is out of range.
absl::Status Validate(const Shape& shape);

// An adaptive limit's bounds, in tokens per second; AIMD as in Chiu and Jain,
// "Analysis of the increase and decrease algorithms for congestion avoidance"
// (1989).
struct AdaptiveShape {
  // The rate before any report. floor <= initial <= ceiling.
  double initial = 100;
  // > 0.
  double floor = 10;
  double ceiling = 200;
  // Tokens per second added by a step up. > 0.
  double increase = 10;
  // Per cent of the rate taken away by a step down. (0, 100].
  double decrease_percent = 20;
  // Reports less than this after the last step are not a step of their own,
  // except that the first step down after a step up always counts. Zero: every
  // report is a step.
  int64_t step_every_us = 0;

  bool operator==(const AdaptiveShape&) const = default;
};
absl::Status Validate(const AdaptiveShape& shape);

// What one limit says to one request.
struct Verdict {
  bool allowed = false;
  // Tokens left after the decision (after what is reserved: never below 0).
  double remaining = 0;
  // Microseconds until the limit is full if nothing more is taken.
  int64_t reset_after_us = 0;
  // Denied: microseconds until the same request could pass if nobody else takes
  // tokens, kNever if it never could. Zero if allowed.
  int64_t retry_after_us = 0;
  // Allowed with a wait (max_wait): microseconds until the tokens are due.
  int64_t wait_us = 0;
};

}  // namespace outrigger::limit

#endif  // OUTRIGGER_LIMIT_SHAPE_H_
