#include "config/analyser_table.h"

#include <chrono>
#include <cstdint>

#include "config/text/codec.h"

namespace outrigger::config {
namespace {

using analyser::Options;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kMostSteps = 3600;

Field<Options> Latency(const char* path, Duration Options::*field) {
  return Scalar<Options, Duration>(
      path, [field](auto& o) -> auto& { return o.*field; },
      Time(microseconds(1), hours(1)));
}

Field<Options> Share(const char* path, double Options::*field) {
  return Scalar<Options, double>(
      path, [field](auto& o) -> auto& { return o.*field; }, Number(0, 1));
}

Field<Options> Factor(const char* path, double Options::*field) {
  return Scalar<Options, double>(
      path, [field](auto& o) -> auto& { return o.*field; }, Number(1, 1000));
}

Field<Options> Count(const char* path, int64_t least, int64_t Options::*field) {
  return Scalar<Options, int64_t>(
      path, [field](auto& o) -> auto& { return o.*field; },
      Whole(least, 1'000'000'000));
}

Field<Options> Steps(const char* path, int Options::*field) {
  return Scalar<Options, int>(
      path, [field](auto& o) -> auto& { return o.*field; },
      Cast<int>(Whole(1, kMostSteps)));
}

}  // namespace

Table<Options> AnalyserTable() {
  return {
      Scalar<Options, Duration>(
          "window", [](auto& o) -> auto& { return o.window; },
          Time(seconds(10), minutes(10))),
      Latency("response_time", &Options::response_time),
      Latency("response_time_p95", &Options::response_time_p95),
      Latency("response_time_p99", &Options::response_time_p99),
      Share("error_rate", &Options::error_rate),
      Share("cache_hit_rate", &Options::cache_hit_rate),
      Share("pool_utilization", &Options::pool_utilization),
      Steps("breaker_transitions", &Options::breaker_transitions),
      Latency("redis_latency", &Options::redis_latency),
      Share("redis_error_rate", &Options::redis_error_rate),
      Share("throttled_cpu", &Options::throttled_cpu),
      Share("memory", &Options::memory),
      Share("degraded", &Options::degraded),
      Share("limit_denied", &Options::limit_denied),
      Count("telemetry_dropped", 0, &Options::telemetry_dropped),
      Factor("slow_factor", &Options::slow_factor),
      Latency("slow_least", &Options::slow_least),
      Factor("anomaly_deviations", &Options::anomaly_deviations),
      Count("minimum_calls", 1, &Options::minimum_calls),
      Steps("raise_after", &Options::raise_after),
      Steps("clear_after", &Options::clear_after),
  };
}

}  // namespace outrigger::config
