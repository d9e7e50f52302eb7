// Keeps L1 from holding what has changed: striped epochs, and whether all
// changes are heard of.
//
// Data and news of changes come on different connections, so news may overtake
// data. Hence a stripe of keys has an epoch: it is looked at before a value is
// asked for, and the value enters L1 only if it is the same then; every change
// counts it up, before the copy is dropped.
#ifndef OUTRIGGER_COORD_CACHE_COHERENCE_H_
#define OUTRIGGER_COORD_CACHE_COHERENCE_H_

#include <array>
#include <atomic>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"

namespace outrigger::coord {

// Thread-safe.
class Coherence {
 public:
  // A moment in a key's life, as far as this pod has heard.
  struct Moment {
    uint32_t state = 0;
    uint32_t epoch = 0;
    bool operator==(const Moment&) const = default;
  };

  // Changes with each loss and return; odd: verified, all changes are heard of.
  uint32_t state() const { return state_.load(std::memory_order_acquire); }
  bool verified() const { return IsVerified(state()); }
  static bool IsVerified(uint32_t state) { return (state & 1) != 0; }

  Moment Now(uint64_t hash) const;

  // Runs `insert` if nothing has changed since `moment` and it is verified;
  // false else. Nothing changes meanwhile.
  bool InsertIfUnchanged(uint64_t hash, const Moment& moment,
                         absl::FunctionRef<void()> insert);
  // Runs `insert` if it is not verified.
  bool InsertUnverified(absl::FunctionRef<void()> insert);

  // The key has changed: `erase` drops the copy.
  void Change(uint64_t hash, absl::FunctionRef<void()> erase);

  // When that was lost last, or the beginning.
  MonotonicTime lost_at() const {
    return MonotonicTime(Duration(lost_at_.load(std::memory_order_relaxed)));
  }

  // False: it was so already.
  bool BecomeUnverified(MonotonicTime now) ABSL_LOCKS_EXCLUDED(state_mutex_);
  // `clear` drops all copies before.
  void BecomeVerified(absl::FunctionRef<void()> clear)
      ABSL_LOCKS_EXCLUDED(state_mutex_);

 private:
  static constexpr size_t kStripes = 1024;
  struct Stripe {
    mutable absl::Mutex mutex;
    std::atomic<uint32_t> epoch{0};  // written under the mutex
  };

  Stripe& StripeOf(uint64_t hash) { return stripes_[hash % kStripes]; }

  absl::Mutex state_mutex_;  // held shared to insert
  std::atomic<uint32_t> state_{0};
  std::atomic<int64_t> lost_at_{0};
  std::array<Stripe, kStripes> stripes_;
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_COHERENCE_H_
