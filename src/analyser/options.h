// What the analyser judges by.
#ifndef OUTRIGGER_ANALYSER_OPTIONS_H_
#define OUTRIGGER_ANALYSER_OPTIONS_H_

#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace outrigger::analyser {

// A value; config/analyser_table.cc has each field's range. Shares are 0 to 1.
// All thresholds are for what the window holds.
struct Options {
  // `window`: how far back is looked; at limits' decisions at most a minute.
  // 10 s to 10 min.
  Duration window = std::chrono::seconds(60);
  // `response_time`, `response_time_p95`, `response_time_p99`: of calls and of
  // stream messages; those that waited for tokens are left out.
  Duration response_time = std::chrono::seconds(1);
  Duration response_time_p95 = std::chrono::seconds(1);
  Duration response_time_p99 = std::chrono::seconds(1);
  // `error_rate`: share of calls that fail by the server's fault.
  double error_rate = 0.05;
  // `cache_hit_rate`: a cache below is too cold.
  double cache_hit_rate = 0.8;
  // `pool_utilization`: share of a pool's slots in use.
  double pool_utilization = 0.9;
  // `breaker_transitions`: state changes of a breaker within the window.
  int breaker_transitions = 6;
  // `redis_latency`: the 95th percentile of commands.
  Duration redis_latency = std::chrono::milliseconds(50);
  // `redis_error_rate`: share of commands that fail.
  double redis_error_rate = 0.05;
  // `throttled_cpu`: share of the container's periods in which it was stopped.
  double throttled_cpu = 0.1;
  // `memory`: share of the container's limit in use.
  double memory = 0.9;
  // `degraded`: share of the window for which the store was out of reach.
  double degraded = 0.1;
  // `limit_denied`: share of a limit's decisions that are denials.
  double limit_denied = 0.5;
  // `telemetry_dropped`: spans, events and points that may be dropped within
  // the window.
  int64_t telemetry_dropped = 0;
  // `slow_factor`: an operation is slow when its mean is above so many times
  // its own usual one,
  double slow_factor = 2;
  // `slow_least`: and at least this.
  Duration slow_least = std::chrono::milliseconds(1);
  // `anomaly_deviations`: a value is unusual when it is so many deviations (of
  // the median, scaled to a normal distribution's) from its usual one.
  double anomaly_deviations = 6;
  // `minimum_calls`: nothing is judged on fewer in the window.
  int64_t minimum_calls = 20;
  // `raise_after`, `clear_after`: seconds for which something must be bad to
  // become a finding, and then good to be one no longer.
  int raise_after = 5;
  int clear_after = 30;

  bool operator==(const Options&) const = default;
};

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_OPTIONS_H_
