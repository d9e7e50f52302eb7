#include "redis/cache/store_clock.h"

#include <cstdlib>

namespace outrigger::redis {
namespace {

constexpr Duration kCountsFor = std::chrono::minutes(1);

}  // namespace

StoreClock::StoreClock(const Clock& clock)
    : clock_(clock),
      offset_us_(ToMicros(clock.WallNow().time_since_epoch()) -
                 ToMicros(clock.Now())) {}

void StoreClock::Learn(int64_t server_us, MonotonicTime asked,
                       MonotonicTime answered) {
  const int64_t error_us = ToMicros(answered - asked) / 2 + 1;
  const int64_t offset_us = server_us - (ToMicros(asked) + error_us);
  const int64_t apart =
      std::abs(offset_us - offset_us_.load(std::memory_order_relaxed));
  const bool better = error_us <= error_us_;
  const bool old = answered - learned_at_ >= kCountsFor;
  const bool was_set = apart > error_us + error_us_;
  if (learned_ && !better && !old && !was_set) return;
  learned_ = true;
  error_us_ = error_us;
  learned_at_ = answered;
  offset_us_.store(offset_us, std::memory_order_relaxed);
}

}  // namespace outrigger::redis
