// Who is told of breakers' states.
#ifndef OUTRIGGER_COORD_BREAKER_WATCHES_H_
#define OUTRIGGER_COORD_BREAKER_WATCHES_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "coord/breaker/breakers.h"
#include "coord/breaker/context.h"
#include "coord/breaker/entry/entry.h"
#include "telemetry/instruments/counter.h"

namespace outrigger::coord {

// Thread-safe.
class BreakerWatches final : public BreakerSessions {
 public:
  // `refused` counts watches over `most`.
  BreakerWatches(size_t most, telemetry::Counter& refused)
      : most_(most), refused_(refused) {}

  // `names` empty: all.
  absl::StatusOr<Breakers::Ticket> Add(std::vector<std::string> names,
                                       Breakers::Changed changed)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Returns when `changed` does not run and never will. Not from within it.
  void Remove(Breakers::Ticket ticket) ABSL_LOCKS_EXCLUDED(mutex_);

  // Tells all who watch it, or only one of them, what it is now. What is told
  // last is never older than what was told before.
  void Tell(const BreakerEntry& entry) ABSL_LOCKS_EXCLUDED(mutex_);
  void TellOne(Breakers::Ticket ticket, const BreakerEntry& entry)
      ABSL_LOCKS_EXCLUDED(mutex_);

  bool IsOpen(uint64_t session) const override ABSL_LOCKS_EXCLUDED(mutex_);
  size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  struct Watch {
    absl::flat_hash_set<std::string> names;
    absl::Mutex mutex;  // held while `changed` runs
    bool removed ABSL_GUARDED_BY(mutex) = false;
    Breakers::Changed changed ABSL_GUARDED_BY(mutex);

    bool Wants(const std::string& name) const {
      return names.empty() || names.contains(name);
    }
  };
  using WatchPtr = std::shared_ptr<Watch>;

  static void Tell(Watch& watch, const BreakerEntry& entry);

  const size_t most_;
  telemetry::Counter& refused_;
  std::atomic<size_t> size_{0};
  mutable absl::Mutex mutex_;
  Breakers::Ticket last_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<Breakers::Ticket, WatchPtr> watches_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_BREAKER_WATCHES_H_
