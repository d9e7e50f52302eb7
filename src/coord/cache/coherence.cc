#include "coord/cache/coherence.h"

namespace outrigger::coord {

Coherence::Moment Coherence::Now(uint64_t hash) const {
  Moment moment;
  moment.state = state();
  moment.epoch =
      stripes_[hash % kStripes].epoch.load(std::memory_order_acquire);
  return moment;
}

bool Coherence::InsertIfUnchanged(uint64_t hash, const Moment& moment,
                                  absl::FunctionRef<void()> insert) {
  if (!IsVerified(moment.state)) return false;
  absl::ReaderMutexLock state_lock(&state_mutex_);
  absl::MutexLock lock(&StripeOf(hash).mutex);
  if (!(Now(hash) == moment)) return false;
  insert();
  return true;
}

bool Coherence::InsertUnverified(absl::FunctionRef<void()> insert) {
  absl::ReaderMutexLock state_lock(&state_mutex_);
  if (verified()) return false;
  insert();
  return true;
}

void Coherence::Change(uint64_t hash, absl::FunctionRef<void()> erase) {
  Stripe& stripe = StripeOf(hash);
  absl::MutexLock lock(&stripe.mutex);
  stripe.epoch.fetch_add(1, std::memory_order_acq_rel);
  erase();
}

bool Coherence::BecomeUnverified(MonotonicTime now) {
  absl::MutexLock lock(&state_mutex_);
  if (!verified()) return false;
  lost_at_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  state_.fetch_add(1, std::memory_order_acq_rel);
  return true;
}

void Coherence::BecomeVerified(absl::FunctionRef<void()> clear) {
  absl::MutexLock lock(&state_mutex_);
  // Still verified: changes were missed all the same, so this is a new state.
  if (verified()) state_.fetch_add(1, std::memory_order_acq_rel);
  clear();
  state_.fetch_add(1, std::memory_order_acq_rel);
}

}  // namespace outrigger::coord
