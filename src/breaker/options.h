// How breakers are configured, validated.
#ifndef OUTRIGGER_BREAKER_OPTIONS_H_
#define OUTRIGGER_BREAKER_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "base/clock.h"

namespace outrigger::breaker {

// `breakers[]`: one breaker.
struct BreakerOptions {
  // `name`: 1 to 64 of [A-Za-z0-9_.-].
  std::string name;
  // `consecutive_failures`: opens after so many in a row, seen by one pod. 0 to
  // 1,000,000; 0: never for this.
  int64_t consecutive_failures = 5;
  // `failure_rate`: opens at this share of failures. Above 0, to 1; 0: never.
  double failure_rate = 0.5;
  // `slow_call`: calls that took at least so long are slow. 1ms to 1h; 0: none.
  Duration slow_call{};
  // `slow_rate`: opens at this share of slow calls. As failure_rate.
  double slow_rate = 0.5;
  // `minimum_calls`: rates count from so many calls in the window. 1 to
  // 1,000,000. In a window of calls at most window_calls.
  int64_t minimum_calls = 20;
  // `window`: rates are over the calls of this time. 100ms to 1h.
  Duration window = std::chrono::seconds(10);
  // `window_calls`: over the last so many calls instead. 0 to 100,000; 0: over
  // `window`. Only for what a pod sees itself; what the fleet sees is over
  // `window`.
  int64_t window_calls = 0;
  // `open_for`: the first wait. Then times open_backoff for each attempt that
  // fails, up to open_max. 1ms to 24h.
  Duration open_for = std::chrono::seconds(60);
  // `open_backoff`: 1 to 10; 1: always the same.
  double open_backoff = 2;
  // `open_max`: at least open_for (if less, open_for), at most 24h.
  Duration open_max = std::chrono::minutes(10);
  // `open_jitter`: each wait is longer by a random share up to this. 0 to 1.
  double open_jitter = 0.1;
  // `half_open_probes`: calls of the whole fleet that may probe at a time, and
  // on which it is decided; a pod that is on its own has its share. 1 to 1,000.
  int64_t half_open_probes = 3;
  // `probe_timeout`: a probe that is not reported by then has failed, unless
  // Acquire says how long the call may take. 10ms to 1h.
  Duration probe_timeout = std::chrono::seconds(30);
  // `permit_timeout`: outcomes of calls that are reported later do not count.
  // 10ms to 1h.
  Duration permit_timeout = std::chrono::minutes(1);
  // `recover_for`: after the probes have succeeded, the admitted share grows
  // from recover_from to 1 in this time. 0 (at once) to 1h.
  Duration recover_for = std::chrono::seconds(10);
  // `recover_from`: above 0, to 1.
  double recover_from = 0.05;
  // `quorum`: opens for the fleet if so many pods have seen it bad (or all that
  // have seen it, if they are fewer). 1 to 1,000.
  int64_t quorum = 2;
  // `quorum_share`: and at least this share of the pods that have seen it. 0 to
  // 1. Below these, a pod whose own calls fail keeps only itself from calling.
  double quorum_share = 0.5;
  // `per_method`: each method has a breaker of its own.
  bool per_method = false;
  // `max_methods`: the first so many; the rest share the breaker of calls
  // without a method. 1 to 10,000; with per_method and window_calls at most 64
  // Mi calls together.
  int64_t max_methods = 100;
  // `metrics_only`: counts, and says what it would have done, but lets all
  // pass.
  bool metrics_only = false;

  bool operator==(const BreakerOptions&) const = default;
};

inline constexpr size_t kMaxBreakers = 256;
inline constexpr size_t kMaxMethodBytes = 256;

// OK, or kInvalidArgument with the field's path in the breaker, e.g.
// "failure_rate: must be …".
absl::Status Validate(const BreakerOptions& options);

}  // namespace outrigger::breaker

#endif  // OUTRIGGER_BREAKER_OPTIONS_H_
