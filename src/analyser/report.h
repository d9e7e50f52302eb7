// What the analyser says, as JSON: the admin server hands these texts on as
// they are, and the page at / draws them.
//
// Both documents are UTF-8, without line ends. Numbers are finite; what is not
// known is null. Times are in seconds, rates per second, sizes in bytes, shares
// 0 to 1. Keys are only ever added.
//
// /performance/metrics:
//   {
//     "now": 1767225600.25,          wall clock at the latest step; 0: no step
//     "step_s": 1,                   distance of the points in "totals"
//     "uptime_s": 3600.5,
//     "version": "0.1.0", "service": "checkout",
//     "degraded": false,             the store was out of reach just now
//     "pods": 3,                     that the store knows of; null: unknown
//     "totals": {                    values oldest first, up to 300; the last
//                                    is the latest step's; null: no value
//       "rpc_rate": [120, 118.5, …],       calls and stream messages
//       "rpc_error_rate": […],             share of them that failed; null: no
//                                          calls
//       "rpc_p50_s": […], "rpc_p95_s": […], "rpc_p99_s": […],  null: no calls
//       "admitted_rate": […], "denied_rate": […],
//       "shadow_denied_rate": […], "degraded_rate": […],  decisions
//       "redis_rate": […], "redis_p95_s": […], "redis_in_flight": […],
//       "redis_errors": […],               per second
//       "cpu_cores": […], "rss_bytes": […],
//       "throttled_share": […],            of the cgroup's periods; null: none
//       "cache_hit_rate": […],             null: no requests
//       "pool_used_share": […],            null: no pool
//       "telemetry_dropped_rate": […]
//     },
//     "limits": [                    busiest first, at most 100
//       {"name": "per-user",
//        "admitted_rate": 80, "denied_rate": 4.5,    of the last 10 s, as all
//        "shadow_denied_rate": 0, "degraded_rate": 0,  rates of this list
//        "local_share": 0.98,        decided without the store; null: none
//        "used": 0.7,                of the burst, at the latest decision; null
//        "history": {"admitted": [per second, oldest first, up to 60],
//                    "denied": [the same]}}],
//     "limits_left_out": {           those that are not in "limits"
//       "count": 0, "admitted_rate": 0, "denied_rate": 0,
//       "shadow_denied_rate": 0, "degraded_rate": 0},
//     "caches": [                    at most 64, as the two below
//       {"name": "products", "rate": 50,
//        "results": {"hit": 45, "miss": 5, …},       rates by result
//        "hit_rate": 0.9,            null: no requests in the window
//        "history": {"hit_rate": [up to 60]}}],
//     "breakers": [
//       {"name": "payments", "state": "closed",      as the metric has it
//        "rejected_rate": 0, "transitions": 2,       within the window
//        "history": [                state changes, oldest first, up to 20
//          {"at": 1767225500.5, "state": "open"}]}],
//     "pools": [
//       {"name": "postgres", "leases": 12, "limit": 20,   of the fleet
//        "used_here": 3,             by this pod's applications
//        "used_share": 0.6,          null: no limit known
//        "waiting": 0, "timeout_rate": 0,
//        "history": {"leases": [up to 60]}}],
//     "redis": {                     null: no Redis
//       "rate": 40, "in_flight": 1, "error_rate": 0,   errors: share
//       "p50_s": 0.0002, "p95_s": 0.0009, "p99_s": 0.002,  of the window; null
//       "errors": {"timeout": 0, …},                 per second, by kind
//       "reconnects": 0, "noscript": 0, "redirects": 0,   within the window
//       "operations": [as "methods"; "method" is the command and its script]},
//     "methods": [                   busiest first, at most 48; of the window
//       {"method": "pkg.Service/Method", "rate": 80, "error_rate": 0,
//        "mean_s": …, "p50_s": …, "p95_s": …, "p99_s": …,  null: no calls
//        "baseline_mean_s": …}],     its usual mean; null: not known yet
//     "findings": [as below]
//   }
//
// /performance/health:
//   {
//     "grade": "A",                  to "D", or "F"
//     "score": 100,                  0 to 100
//     "status": "healthy",           degraded: a warning; unhealthy: a critical
//     "window_s": 60,
//     "checks": [                    always all of them, in the same order
//       {"name": "error_rate",
//        "status": "healthy",        degraded, unhealthy, or no_data
//        "value": 0.001,             the worst, where there are several; null
//        "threshold": 0.05, "unit": "1"}],    UCUM: 1, s, {transition}, …
//     "findings": [                  worst first
//       {"id": "slow_operation:pkg.Service/Method",  unique: kind[:subject]
//        "kind": "slow_operation", "subject": "pkg.Service/Method",
//        "severity": "warning",      info, warning or critical
//        "title": "pkg.Service/Method is slower than usual",
//        "evidence": {"window_s": 60, "value": 0.2, "threshold": 0.08, …},
//                                    numbers, by name
//        "likely_cause": "…", "advice": "…",
//        "since": 1767225600.25}],   when it was first seen
//     "generated_at": 1767225600.25
//   }
#ifndef OUTRIGGER_ANALYSER_REPORT_H_
#define OUTRIGGER_ANALYSER_REPORT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "analyser/finding.h"
#include "analyser/seen/seen.h"
#include "base/clock.h"

namespace outrigger::analyser {

// What runs.
struct Program {
  std::string version;
  std::string service;
};

// The latest judgement. A value.
struct Health {
  Duration window{};
  WallTime generated_at{};
  std::vector<Check> checks;
  std::vector<Finding> findings;

  // 100 less what each finding costs: 35 a critical one, 15 a warning, and 3
  // for each of the first three infos. At least 0.
  int score() const;
  // From 90 on A, 80 B, 70 C, 60 D, below F.
  char grade() const;
  const char* status() const;
};

// Entries of each list of /performance/metrics, at most.
inline constexpr size_t kMostLimitsShown = 100;

// /performance/metrics and /performance/health.
std::string WriteMetrics(const Program& program, const Seen& seen,
                         const Health& health);
std::string WriteHealth(const Health& health);

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_ANALYSER_REPORT_H_
