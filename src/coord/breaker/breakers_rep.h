// What is behind coord::Breakers.
#ifndef OUTRIGGER_COORD_BREAKER_BREAKERS_REP_H_
#define OUTRIGGER_COORD_BREAKER_BREAKERS_REP_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "coord/breaker/breakers.h"
#include "coord/breaker/context.h"
#include "coord/breaker/driver.h"
#include "coord/breaker/table.h"
#include "coord/breaker/watches.h"
#include "telemetry/registry.h"

namespace outrigger::coord {

class Breakers::Rep {
 public:
  Rep(Settings settings, const Clock& clock, Executor& executor,
      RandomSource& random, telemetry::Registry& registry,
      store::BreakerStore& store);

  // The entry of a call, if it is there already; else null.
  BreakerEntry* Known(absl::string_view name, absl::string_view method) const {
    NamedBreaker* const named = table_.Find(name);
    return named == nullptr || method.size() > breaker::kMaxMethodBytes
               ? nullptr
               : named->Known(method);
  }
  // The entry of a call, made if need be. kNotFound, kInvalidArgument.
  absl::StatusOr<BreakerEntry*> EntryOf(absl::string_view name,
                                        absl::string_view method);
  absl::StatusOr<NamedBreaker*> Named(absl::string_view name) const;
  absl::StatusOr<Ticket> Watch(std::vector<std::string> names, Changed changed);
  void Unwatch(Ticket ticket);
  absl::StatusOr<std::vector<BreakerEntry*>> Listed(
      absl::string_view name) const;
  // The entry that is meant by hand, and no other in its stead.
  absl::StatusOr<BreakerEntry*> OwnEntryOf(absl::string_view name,
                                           absl::string_view method);
  // Of the breaker and, with no method, those of its methods that are known.
  void SetByHand(absl::string_view name, absl::string_view method, bool reset,
                 breaker::Forced forced, Done<bool> done);
  // The store's listener from the first call on. Not two calls at once.
  void Listen();
  void Update(std::vector<breaker::BreakerOptions> options);
  void Drain(absl::AnyInvocable<void()> done);

  // Who waits, for Cancel. Null: nobody does.
  Ticket NewTicket(BreakerEntry* entry) ABSL_LOCKS_EXCLUDED(mutex_);
  // The entry that it waits at; null if it does not. Ends the ticket.
  BreakerEntry* EndTicket(Ticket ticket) ABSL_LOCKS_EXCLUDED(mutex_);

  BreakerDriver& driver() { return driver_; }
  MonotonicTime Now() const { return context_.clock.Now(); }

 private:
  void Observe(telemetry::Observations& seen) const;

  BreakerContext context_;
  BreakerTable table_;
  BreakerWatches watches_;
  BreakerDriver driver_;
  bool listening_ = false;
  absl::Mutex mutex_;
  Ticket last_ticket_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<Ticket, BreakerEntry*> tickets_ ABSL_GUARDED_BY(mutex_);
  telemetry::Observation observation_;  // goes first
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_BREAKER_BREAKERS_REP_H_
