#include "breaker/told_state.h"

#include <algorithm>

#include "absl/random/random.h"
#include "core/durations.h"

namespace outrigger::client::internal {
namespace {

static_assert(Instant::period::den == 1000000000, "counts are nanoseconds");

bool Chance(double ratio) {
  thread_local absl::InsecureBitGen random;
  return absl::Uniform(random, 0.0, 1.0) < ratio;
}

}  // namespace

void ToldState::Tell(const breaker::v1::WatchResponse& told, Instant now) {
  absl::MutexLock lock(&mutex_);
  state_ = static_cast<BreakerState>(told.state());
  admit_ratio_ = told.admit_ratio();
  valid_until_ = After(now, FromProto(told.valid_for()));
  retry_at_ = After(now, FromProto(told.retry_after()));
  reason_ = static_cast<DenialReason>(told.reason());
  message_ = told.message();
  const bool all_pass = state_ == BreakerState::kForcedClosed ||
                        state_ == BreakerState::kMetricsOnly ||
                        (state_ == BreakerState::kClosed && admit_ratio_ >= 1);
  if (generation_.load(std::memory_order_relaxed) != told.generation()) {
    all_pass_until_.store(0, std::memory_order_release);
    generation_.store(told.generation(), std::memory_order_release);
  }
  all_pass_until_.store(all_pass ? valid_until_.time_since_epoch().count() : 0,
                        std::memory_order_release);
  ever_told_.store(true, std::memory_order_release);
}

void ToldState::Forget() {
  absl::MutexLock lock(&mutex_);
  all_pass_until_.store(0, std::memory_order_release);
  valid_until_ = Instant();
}

ToldState::Verdict ToldState::Deny(Instant now) const {
  return {.denial = Denial{.state = state_,
                           .reason = reason_,
                           .retry_after = std::max(Between(now, retry_at_),
                                                   absl::ZeroDuration()),
                           .message = message_}};
}

std::optional<ToldState::Verdict> ToldState::Decide(Instant now) {
  absl::MutexLock lock(&mutex_);
  if (now >= valid_until_) return std::nullopt;
  const std::uint64_t generation = generation_.load(std::memory_order_relaxed);
  switch (state_) {
    case BreakerState::kClosed:
    case BreakerState::kForcedClosed:
    case BreakerState::kMetricsOnly:
      if (state_ != BreakerState::kClosed || Chance(admit_ratio_)) {
        return Verdict{.generation = generation, .denial = std::nullopt};
      }
      return Deny(now);
    case BreakerState::kOpen:
      if (now >= retry_at_) return std::nullopt;  // there may be probes
      return Deny(now);
    case BreakerState::kForcedOpen:
      return Deny(now);
    case BreakerState::kHalfOpen:
    case BreakerState::kUnspecified:
      return std::nullopt;
  }
  return std::nullopt;
}

BreakerView ToldState::view(Instant now) const {
  absl::MutexLock lock(&mutex_);
  return {.known = now < valid_until_,
          .state = state_,
          .admit_ratio = admit_ratio_,
          .generation = generation_.load(std::memory_order_relaxed)};
}

}  // namespace outrigger::client::internal
