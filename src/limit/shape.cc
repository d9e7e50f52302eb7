#include "limit/shape.h"

#include <cmath>

#include "absl/strings/str_cat.h"

namespace outrigger::limit {
namespace {

constexpr double kMostTokens = 1e12;
constexpr int64_t kShortestPeriodUs = 1'000;
constexpr int64_t kLongestPeriodUs = 366LL * 24 * 3600 * 1'000'000;

bool InRange(double value, double low, double high) {
  return std::isfinite(value) && value >= low && value <= high;
}

}  // namespace

absl::string_view AlgorithmName(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kTokenBucket:
      return "token_bucket";
    case Algorithm::kSlidingWindow:
      return "sliding_window";
    case Algorithm::kFixedWindow:
      return "fixed_window";
    case Algorithm::kAdaptive:
      return "adaptive";
  }
  return "?";
}

absl::Status Validate(const Shape& shape) {
  if (!InRange(shape.tokens, 1e-6, kMostTokens)) {
    return absl::InvalidArgumentError(
        "rate: must be more than 0 and at most 1e12 per period");
  }
  if (shape.period_us < kShortestPeriodUs ||
      shape.period_us > kLongestPeriodUs) {
    return absl::InvalidArgumentError("rate: the period must be 1ms to 366d");
  }
  if (!InRange(shape.burst, 1, kMostTokens)) {
    return absl::InvalidArgumentError("burst: must be 1 to 1e12");
  }
  const bool window = shape.algorithm == Algorithm::kSlidingWindow ||
                      shape.algorithm == Algorithm::kFixedWindow;
  if (window && shape.burst != shape.tokens) {
    return absl::InvalidArgumentError(
        absl::StrCat("burst: a ", AlgorithmName(shape.algorithm),
                     " has none of its own; leave it out, or set it to the "
                     "rate's number"));
  }
  return absl::OkStatus();
}

absl::Status Validate(const AdaptiveShape& shape) {
  if (!InRange(shape.floor, 1e-6, kMostTokens)) {
    return absl::InvalidArgumentError(
        "adaptive.floor: must be more than 0 and at most 1e12 per second");
  }
  if (!InRange(shape.ceiling, shape.floor, kMostTokens)) {
    return absl::InvalidArgumentError(
        "adaptive.ceiling: must be at least the floor and at most 1e12 per "
        "second");
  }
  if (!InRange(shape.initial, shape.floor, shape.ceiling)) {
    return absl::InvalidArgumentError(
        "adaptive.initial: must lie between floor and ceiling");
  }
  if (!InRange(shape.increase, 1e-6, kMostTokens)) {
    return absl::InvalidArgumentError(
        "adaptive.increase: must be more than 0 tokens per second");
  }
  if (!InRange(shape.decrease_percent, 1e-6, 100)) {
    return absl::InvalidArgumentError(
        "adaptive.decrease: must be more than 0 and at most 100 per cent");
  }
  if (shape.step_every_us < 0 || shape.step_every_us > kLongestPeriodUs) {
    return absl::InvalidArgumentError("adaptive.every: must be 0 to 366d");
  }
  return absl::OkStatus();
}

}  // namespace outrigger::limit
