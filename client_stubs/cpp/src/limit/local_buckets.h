// Token buckets of this process, for when the sidecar does not answer.
#ifndef OUTRIGGER_CLIENT_LIMIT_LOCAL_BUCKETS_H_
#define OUTRIGGER_CLIENT_LIMIT_LOCAL_BUCKETS_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/instant.h"
#include "outrigger/limiter.h"

namespace outrigger::client::internal {

// One bucket for each set of attributes, at most 10,000; the least recently
// used is forgotten. Thread-safe.
class LocalBuckets {
 public:
  // `rate` in tokens a second. Both are finite and > 0.
  LocalBuckets(double rate, double burst) : rate_(rate), burst_(burst) {}

  // As Limiter::Allow.
  Decision TryTake(const Attributes& attributes, std::uint64_t cost,
                   Instant now) ABSL_LOCKS_EXCLUDED(mutex_);

  std::size_t size() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Bucket {
    std::string key;
    double tokens = 0;
    Instant as_of;
  };
  using Buckets = std::list<Bucket>;

  // Comes to the front.
  Bucket& Use(const Attributes& attributes, Instant now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const double rate_;
  const double burst_;
  absl::Mutex mutex_;
  Buckets buckets_ ABSL_GUARDED_BY(mutex_);  // the latest used first
  absl::flat_hash_map<std::string, Buckets::iterator> by_key_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_LIMIT_LOCAL_BUCKETS_H_
