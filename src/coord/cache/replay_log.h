// This pod's own latest invalidations, to be repeated when the store may have
// lost them, or has never got them.
#ifndef OUTRIGGER_COORD_CACHE_REPLAY_LOG_H_
#define OUTRIGGER_COORD_CACHE_REPLAY_LOG_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "telemetry/instruments/counter.h"

namespace outrigger::coord {

struct Invalidation {
  enum class Kind : uint8_t { kKey, kTag, kGlob };
  Kind kind = Kind::kKey;
  std::string ns;
  std::string name;
  bool soft = false;
};

// Thread-safe.
class ReplayLog {
 public:
  // What is older is safe: replicas are not that late.
  static constexpr Duration kKept = std::chrono::seconds(60);

  // When there are more than `most`, those of a namespace become one of all its
  // keys, which `overflows` counts.
  ReplayLog(size_t most, telemetry::Counter& overflows)
      : most_(most), overflows_(overflows) {}

  // It was done: repeated only if the store forgets within kKept.
  void NoteDone(Invalidation invalidation, MonotonicTime now)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // It was not, or perhaps not: repeated as soon as possible, however late.
  void NoteMissed(Invalidation invalidation) ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes out what is to be repeated now.
  std::vector<Invalidation> Take(bool forgot, MonotonicTime now)
      ABSL_LOCKS_EXCLUDED(mutex_);
  bool any_missed() const ABSL_LOCKS_EXCLUDED(mutex_);
  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Done {
    Invalidation invalidation;
    MonotonicTime at{};
  };

  void Bound() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t most_;
  telemetry::Counter& overflows_;
  mutable absl::Mutex mutex_;
  std::deque<Done> done_ ABSL_GUARDED_BY(mutex_);  // the oldest first
  std::vector<Invalidation> missed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_REPLAY_LOG_H_
