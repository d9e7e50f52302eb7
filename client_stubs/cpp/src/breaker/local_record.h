// What this process has seen of a service: decides when the sidecar does not.
#ifndef OUTRIGGER_CLIENT_BREAKER_LOCAL_RECORD_H_
#define OUTRIGGER_CLIENT_BREAKER_LOCAL_RECORD_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/instant.h"
#include "outrigger/answer.h"
#include "outrigger/options.h"

namespace outrigger::client::internal {

// Open after so many failures in a row; after a while one probe at a time, and
// closed by the first that succeeds. One that takes as long as it was open is
// waited for no more, and does not count. Thread-safe.
class LocalRecord {
 public:
  // `policy` must outlive it.
  explicit LocalRecord(const BreakerPolicy& policy) : policy_(policy) {}

  struct Verdict {
    bool allowed = false;
    bool probe = false;
    // For Record.
    std::uint64_t generation = 0;
    // Denied: until it can be asked again. Zero while a probe is out.
    absl::Duration retry_after = absl::ZeroDuration();
  };

  Verdict Ask(Instant now) ABSL_LOCKS_EXCLUDED(mutex_);

  // Once for each that was allowed. What was allowed before the last change
  // does not count.
  void Record(std::uint64_t generation, Result result, Instant now)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const BreakerPolicy& policy_;
  absl::Mutex mutex_;
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t generation_ ABSL_GUARDED_BY(mutex_) = 1;
  Instant open_until_ ABSL_GUARDED_BY(mutex_);
  Instant probe_until_ ABSL_GUARDED_BY(mutex_);  // past: none is out
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_BREAKER_LOCAL_RECORD_H_
