// Tells the sidecar how calls went, in batches.
#ifndef OUTRIGGER_CLIENT_BREAKER_REPORTER_H_
#define OUTRIGGER_CLIENT_BREAKER_REPORTER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "breaker/known_breaker.h"
#include "core/line.h"
#include "outrigger/answer.h"
#include "outrigger/breaker/v1/breaker.pb.h"

namespace outrigger::client::internal {

// Outcomes leave in their order, one report at a time: at once after a failure
// or a probe, else within 100 ms. A report with a mistake is sent again, each
// breaker's outcomes apart. Thread-safe.
class Reporter {
 public:
  explicit Reporter(Line& line) : line_(line) {}

  struct Outcome {
    const KnownBreaker* breaker = nullptr;  // outlives the reporter
    std::string method;
    std::uint64_t permit = 0;
    std::uint64_t generation = 0;
    Result result = Result::kSuccess;
    absl::Duration duration = absl::ZeroDuration();
    bool urgent = false;
  };

  // At most 10,000 wait; beyond that the oldest are dropped.
  void Add(Outcome outcome) ABSL_LOCKS_EXCLUDED(mutex_);

  // Waits until all so far have been answered or given up, for at most
  // `patience`.
  void Flush(absl::Duration patience = absl::InfiniteDuration())
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Drops what waits.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

  std::uint64_t dropped() const ABSL_LOCKS_EXCLUDED(mutex_);
  std::size_t waiting() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // Sends the next report, if there is something and none is under way.
  void Send() ABSL_LOCKS_EXCLUDED(mutex_);
  void Answered(const absl::Status& status,
                const breaker::v1::ReportRequest& request)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // The next report; without outcomes there is none.
  breaker::v1::ReportRequest Take() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropOldest() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropApart() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Line& line_;
  mutable absl::Mutex mutex_;
  std::deque<Outcome> waiting_ ABSL_GUARDED_BY(mutex_);
  // Of a report with a mistake, one for each breaker. They go first.
  std::deque<breaker::v1::ReportRequest> apart_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool sending_ ABSL_GUARDED_BY(mutex_) = false;
  // To be sent as soon as no report is under way.
  bool urgent_ ABSL_GUARDED_BY(mutex_) = false;
  Loop::TimerId timer_ ABSL_GUARDED_BY(mutex_) = 0;
  // Outcomes that were added, and that are done with.
  std::uint64_t added_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t over_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_BREAKER_REPORTER_H_
