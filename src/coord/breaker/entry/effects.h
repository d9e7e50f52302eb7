// What is to be done after an entry's lock was given up.
#ifndef OUTRIGGER_COORD_BREAKER_ENTRY_EFFECTS_H_
#define OUTRIGGER_COORD_BREAKER_ENTRY_EFFECTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "base/clock.h"
#include "coord/breaker/breakers.h"
#include "store/breaker_store.h"

namespace outrigger::coord {

// A change of state, for the log and the metrics.
struct BreakerEvent {
  BreakerState state = BreakerState::kClosed;  // the new one
  bool fleet = true;                           // else only this pod
  std::string why;                             // of an opening
  std::string by;                              // the pod that opened it
  uint32_t attempts = 0;
  Duration wait{};
};

// Empty as a rule: then nothing is allocated.
struct BreakerEffects {
  // Answers, to be given first.
  std::vector<absl::AnyInvocable<void()>> answers;
  std::vector<BreakerEvent> events;
  // The store's record was not one; it is taken for none.
  bool damaged = false;
  // The state, or what may be had of it, is another.
  bool changed = false;
  // The store is to be asked. `sent_revision`: the greatest revision that was
  // known when it is.
  bool read = false;
  std::optional<store::BreakerReport> report;
  std::optional<store::BreakerSwap> swap;
  uint64_t sent_revision = 0;
  // OnWake is to be called at this time.
  std::optional<MonotonicTime> wake;

  bool empty() const {
    return answers.empty() && events.empty() && !damaged && !changed && !read &&
           !report.has_value() && !swap.has_value() && !wake.has_value();
  }
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_BREAKER_ENTRY_EFFECTS_H_
