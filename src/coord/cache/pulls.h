// Consumers that wait for write-behind.
#ifndef OUTRIGGER_COORD_CACHE_PULLS_H_
#define OUTRIGGER_COORD_CACHE_PULLS_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/executor.h"
#include "coord/cache/cache.h"
#include "store/cache_store.h"
#include "telemetry/instruments/counter.h"

namespace outrigger::coord {

// Thread-safe.
class Pulls {
 public:
  using Done = Cache::Done<std::vector<store::JournalEntry>>;

  // All must outlive it; `store` answers before it goes.
  // `refused` counts pulls over `most`.
  Pulls(store::CacheStore& store, const Clock& clock, Executor& executor,
        size_t most, telemetry::Counter& refused)
      : store_(store),
        clock_(clock),
        executor_(executor),
        most_(most),
        refused_(refused) {}

  Cache::Ticket Pull(const Cache::PullQuery& query, Done done);
  void Cancel(Cache::Ticket ticket);
  // The namespace's journal has changed.
  void Wake(const std::string& ns);
  // Answers all with nothing, and from now on at once.
  void Drain();

  // Tickets have this bit, those of Gets do not.
  static constexpr Cache::Ticket kTicketBit = Cache::Ticket{1} << 63;
  // Looks so often for what another consumer has left behind.
  static constexpr Duration kLookEvery = std::chrono::seconds(5);
  static constexpr int64_t kTakeOverAfterMs = 30'000;

 private:
  struct Waiting {
    store::PullRequest request;
    MonotonicTime until{};
    Done done;
    Executor::TimerId timer = 0;
    bool asking = false;
    bool again = false;  // the journal changed while asking
  };
  using WaitingPtr = std::shared_ptr<Waiting>;

  void Ask(Cache::Ticket ticket);
  void OnPulled(Cache::Ticket ticket,
                absl::StatusOr<std::vector<store::JournalEntry>> entries);

  store::CacheStore& store_;
  const Clock& clock_;
  Executor& executor_;
  const size_t most_;
  telemetry::Counter& refused_;
  absl::Mutex mutex_;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  Cache::Ticket last_ ABSL_GUARDED_BY(mutex_) = kTicketBit;
  std::map<Cache::Ticket, WaitingPtr> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_PULLS_H_
