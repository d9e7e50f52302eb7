// Moments and spans of the monotonic clock.
#ifndef OUTRIGGER_CLIENT_CORE_INSTANT_H_
#define OUTRIGGER_CLIENT_CORE_INSTANT_H_

#include <algorithm>
#include <chrono>

#include "absl/time/time.h"

namespace outrigger::client::internal {

using Instant = std::chrono::steady_clock::time_point;

inline Instant Now() { return std::chrono::steady_clock::now(); }

// `span` from `now`, at most a year.
inline Instant After(Instant now, absl::Duration span) {
  return now +
         absl::ToChronoNanoseconds(std::min(
             std::max(span, absl::ZeroDuration()), absl::Hours(24 * 365)));
}

inline absl::Duration Between(Instant from, Instant to) {
  return absl::FromChrono(to - from);
}

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_CORE_INSTANT_H_
