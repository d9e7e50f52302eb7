// The latest that a Watch told of a breaker, or of one of its methods.
#ifndef OUTRIGGER_CLIENT_BREAKER_TOLD_STATE_H_
#define OUTRIGGER_CLIENT_BREAKER_TOLD_STATE_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/instant.h"
#include "outrigger/breaker.h"
#include "outrigger/breaker/v1/breaker.pb.h"

namespace outrigger::client::internal {

// Thread-safe.
class ToldState {
 public:
  struct Verdict {
    // If it is allowed.
    std::uint64_t generation = 0;
    // Set if it is denied.
    std::optional<Denial> denial;
  };

  // The generation, if all calls pass; most decisions are no more than this.
  std::optional<std::uint64_t> AllPass(Instant now) const {
    // Read in this order, so that a generation is never another state's.
    const std::int64_t until = all_pass_until_.load(std::memory_order_acquire);
    const std::uint64_t generation =
        generation_.load(std::memory_order_acquire);
    if (now.time_since_epoch().count() < until &&
        all_pass_until_.load(std::memory_order_relaxed) == until) {
      return generation;
    }
    return std::nullopt;
  }

  // Unset: the sidecar must be asked.
  std::optional<Verdict> Decide(Instant now) ABSL_LOCKS_EXCLUDED(mutex_);

  void Tell(const breaker::v1::WatchResponse& told, Instant now)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // It may be gone by.
  void Forget() ABSL_LOCKS_EXCLUDED(mutex_);

  BreakerView view(Instant now) const ABSL_LOCKS_EXCLUDED(mutex_);
  std::uint64_t generation() const {
    return generation_.load(std::memory_order_acquire);
  }
  bool ever_told() const { return ever_told_.load(std::memory_order_acquire); }

 private:
  Verdict Deny(Instant now) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  // All calls pass until this moment of the monotonic clock; 0: not so.
  std::atomic<std::int64_t> all_pass_until_{0};
  std::atomic<std::uint64_t> generation_{0};
  std::atomic<bool> ever_told_{false};

  mutable absl::Mutex mutex_;
  BreakerState state_ ABSL_GUARDED_BY(mutex_) = BreakerState::kUnspecified;
  double admit_ratio_ ABSL_GUARDED_BY(mutex_) = 0;
  Instant valid_until_ ABSL_GUARDED_BY(mutex_);
  Instant retry_at_ ABSL_GUARDED_BY(mutex_);
  DenialReason reason_ ABSL_GUARDED_BY(mutex_) = DenialReason::kUnspecified;
  std::string message_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_BREAKER_TOLD_STATE_H_
