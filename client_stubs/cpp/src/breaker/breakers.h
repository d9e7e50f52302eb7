// The breakers' part of a client: one Watch, and what it told.
#ifndef OUTRIGGER_CLIENT_BREAKER_BREAKERS_H_
#define OUTRIGGER_CLIENT_BREAKER_BREAKERS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "breaker/known_breaker.h"
#include "breaker/reporter.h"
#include "core/line.h"
#include "core/stream.h"

namespace outrigger::client::internal {

// Thread-safe.
class Breakers final : private Stream<breaker::v1::WatchResponse>::Owner {
 public:
  explicit Breakers(Line& line) : line_(line), reporter_(line) {}

  Line& line() { return line_; }
  Reporter& reporter() { return reporter_; }

  // Opens the Watch, the first time.
  void Watch() {
    if (!watching_.load(std::memory_order_acquire)) BeginToWatch();
  }

  // Is there for as long as this is.
  KnownBreaker* Known(const std::string& name) ABSL_LOCKS_EXCLUDED(mutex_);

  // Of the Watch, for Acquire; 0: there is none now.
  std::uint64_t session() const {
    return session_.load(std::memory_order_acquire);
  }

  void CountCall() { counters_.Call(); }
  void CountFallback() { counters_.Fallback(); }
  PartStats stats() const { return counters_.Get(); }
  std::uint64_t outcomes_dropped() const { return reporter_.dropped(); }

  void Flush(absl::Duration patience = absl::InfiniteDuration()) {
    reporter_.Flush(patience);
  }
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Wire = Stream<breaker::v1::WatchResponse>;

  void OnWritable(Wire& stream) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnMessage(Wire& stream, breaker::v1::WatchResponse& told) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void OnEnded(Wire& stream, const absl::Status& status) override
      ABSL_LOCKS_EXCLUDED(mutex_);

  void BeginToWatch() ABSL_LOCKS_EXCLUDED(mutex_);
  void Open() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  KnownBreaker* Entry(const std::string& name)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Line& line_;
  PartCounters counters_;
  std::atomic<std::uint64_t> session_{0};
  std::atomic<bool> watching_{false};
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::unique_ptr<KnownBreaker>> known_
      ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  Wire* watch_ ABSL_GUARDED_BY(mutex_) = nullptr;
  Loop::TimerId again_ ABSL_GUARDED_BY(mutex_) = 0;  // to open it again
  absl::Duration backoff_ ABSL_GUARDED_BY(mutex_) = absl::Milliseconds(50);
  Reporter reporter_;
};

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_BREAKER_BREAKERS_H_
