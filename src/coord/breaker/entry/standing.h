// Which state counts: the fleet's record and the pod's own.
#ifndef OUTRIGGER_COORD_BREAKER_ENTRY_STANDING_H_
#define OUTRIGGER_COORD_BREAKER_ENTRY_STANDING_H_

#include <algorithm>
#include <cstdint>

#include "base/clock.h"
#include "breaker/options.h"
#include "breaker/record.h"
#include "breaker/transitions.h"
#include "coord/breaker/breakers.h"
#include "coord/breaker/context.h"

namespace outrigger::coord {

// Whether evidence counts: what is forced open or closed is not opened beneath.
inline bool MayTrip(breaker::Forced forced) {
  return forced == breaker::Forced::kNone ||
         forced == breaker::Forced::kMetricsOnly;
}

// A value, of one entry.
class Standing {
 public:
  // The fleet's, by the store's clock.
  breaker::Record shared;
  // The pod's, by its own clock.
  breaker::Record local;
  // The store takes nothing, and `local` goes on from where `shared` was.
  bool detached = false;
  // What a breaker says of all its methods.
  breaker::Forced inherited = breaker::Forced::kNone;

  breaker::Forced forced() const {
    return shared.forced != breaker::Forced::kNone ? shared.forced : inherited;
  }
  // The pod's own record counts, not the fleet's.
  bool is_local() const {
    return detached || (shared.state == breaker::State::kClosed &&
                        local.state != breaker::State::kClosed);
  }
  const breaker::Record& record() const { return is_local() ? local : shared; }
  // The time that the record which counts goes by.
  int64_t NowUs(const BreakerContext& context, MonotonicTime now) const {
    return is_local() ? context.PodUs(now) : context.store_time.NowUs(now);
  }
  // The share that may pass if nothing is forced.
  double AdmitRatio(const breaker::BreakerOptions& options,
                    const BreakerContext& context, MonotonicTime now) const {
    const double own = breaker::AdmitRatio(options, context.PodUs(now), local);
    if (detached) return own;
    return std::min(own, breaker::AdmitRatio(
                             options, context.store_time.NowUs(now), shared));
  }
  // As callers see it.
  BreakerState State(const breaker::BreakerOptions& options) const {
    switch (forced()) {
      case breaker::Forced::kOpen:
        return BreakerState::kForcedOpen;
      case breaker::Forced::kClosed:
        return BreakerState::kForcedClosed;
      case breaker::Forced::kMetricsOnly:
        return BreakerState::kMetricsOnly;
      case breaker::Forced::kNone:
        break;
    }
    if (options.metrics_only) return BreakerState::kMetricsOnly;
    return static_cast<BreakerState>(record().state);
  }
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_BREAKER_ENTRY_STANDING_H_
