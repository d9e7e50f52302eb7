// This pod's own latest invalidations, to be repeated when the store may have
// lost them, or has never got them.
#ifndef OUTRIGGER_COORD_CACHE_REPLAY_LOG_H_
#define OUTRIGGER_COORD_CACHE_REPLAY_LOG_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "coord/cache/unsettled.h"
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
  // keys, which `overflows` counts. What is missed is unsettled. References
  // must outlive it.
  ReplayLog(size_t most, telemetry::Counter& overflows, Unsettled& unsettled)
      : most_(most), overflows_(overflows), unsettled_(unsettled) {}

  // It was done, or a write did as much: repeated only if the store forgets
  // within kKept. One of the same that was missed is made up for.
  void NoteDone(Invalidation invalidation, MonotonicTime now)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // It was not, or perhaps not: repeated as soon as possible, however late.
  void NoteMissed(Invalidation invalidation) ABSL_LOCKS_EXCLUDED(mutex_);

  // The store may have lost the latest: they count as missed.
  void Forgot(MonotonicTime now) ABSL_LOCKS_EXCLUDED(mutex_);
  // All that is missed, to be repeated now; NoteDone follows for each that
  // succeeds.
  std::vector<Invalidation> Missed() const ABSL_LOCKS_EXCLUDED(mutex_);
  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Done {
    Invalidation invalidation;
    MonotonicTime at{};
  };
  struct Name {
    Invalidation::Kind kind;
    store::CacheKey key;  // or the tag or glob in its place
    bool operator<(const Name& other) const {
      return std::tie(kind, key.ns, key.key) <
             std::tie(other.kind, other.key.ns, other.key.key);
    }
  };

  static store::CacheKey Concerned(const Name& name);
  void Miss(Invalidation invalidation) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Bound() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t most_;
  telemetry::Counter& overflows_;
  Unsettled& unsettled_;
  mutable absl::Mutex mutex_;
  std::deque<Done> done_ ABSL_GUARDED_BY(mutex_);        // the oldest first
  std::map<Name, bool> missed_ ABSL_GUARDED_BY(mutex_);  // soft?
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_REPLAY_LOG_H_
