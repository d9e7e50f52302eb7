// All that a client has: its line to the sidecar, and its parts.
#ifndef OUTRIGGER_CLIENT_CORE_SESSION_H_
#define OUTRIGGER_CLIENT_CORE_SESSION_H_

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "breaker/breakers.h"
#include "cache/workers.h"
#include "core/line.h"
#include "limit/limits.h"
#include "outrigger/options.h"
#include "pool/holds.h"

namespace outrigger::client::internal {

// Thread-safe.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Options options, std::shared_ptr<Channel> channel);

  Line& line() { return line_; }
  Limits& limits() { return limits_; }
  Breakers& breakers() { return breakers_; }
  Holds& holds() { return holds_; }
  Workers& workers() { return workers_; }
  PartCounters& cache_counters() { return cache_counters_; }
  Stats stats();

  // See Client::Close.
  void Close() ABSL_LOCKS_EXCLUDED(closing_);

 private:
  Line line_;
  PartCounters cache_counters_;
  Limits limits_;
  Breakers breakers_;
  Holds holds_;
  Workers workers_;

  absl::Mutex closing_;
  bool closed_ ABSL_GUARDED_BY(closing_) = false;
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_CORE_SESSION_H_
