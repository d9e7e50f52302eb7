#include "breaker/local_record.h"

namespace outrigger::client::internal {

LocalRecord::Verdict LocalRecord::Ask(Instant now) {
  absl::MutexLock lock(&mutex_);
  if (!open_) return {.allowed = true, .generation = generation_};
  if (now < open_until_) {
    return {.retry_after = Between(now, open_until_)};
  }
  if (now < probe_until_) return {};
  probe_until_ = After(now, policy_.open_for);
  ++generation_;
  return {.allowed = true, .probe = true, .generation = generation_};
}

void LocalRecord::Record(std::uint64_t generation, Result result, Instant now) {
  absl::MutexLock lock(&mutex_);
  if (generation != generation_) return;
  probe_until_ = {};
  if (result == Result::kIgnored) return;
  if (result == Result::kFailure) {
    if (open_ || ++failures_ >= policy_.failures) {
      open_ = true;
      open_until_ = After(now, policy_.open_for);
      ++generation_;
    }
    return;
  }
  failures_ = 0;
  if (open_) {
    open_ = false;
    ++generation_;
  }
}

}  // namespace outrigger::client::internal
