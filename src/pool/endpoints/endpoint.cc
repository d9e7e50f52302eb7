#include "pool/endpoints/endpoint.h"

#include <algorithm>

namespace outrigger::pool {
namespace {

// A choice by weights is prepared anew for each step.
constexpr int kRampSteps = 20;
constexpr double kLeastRamp = 0.1;

double Ramp(const Endpoint& endpoint, Duration slow_start, MonotonicTime now) {
  // Compared, not subtracted: it may be as long ago as time goes.
  if (endpoint.well_since <= now - slow_start) return 1;
  const double part =
      ToSeconds(now - endpoint.well_since) / ToSeconds(slow_start) * kRampSteps;
  return std::max(kLeastRamp,
                  static_cast<double>(static_cast<int>(part)) / kRampSteps);
}

}  // namespace

EndpointHealth Endpoint::Health(const PoolOptions& pool,
                                MonotonicTime now) const {
  if (check.verdict() == CheckState::Verdict::kUnhealthy) {
    return EndpointHealth::kUnhealthy;
  }
  if (outlier.ejected(now)) return EndpointHealth::kEjected;
  if (load.over(pool.thresholds, now)) return EndpointHealth::kOverloaded;
  if (pool.health.check != Check::kNone &&
      check.verdict() == CheckState::Verdict::kUnknown) {
    return EndpointHealth::kUnknown;
  }
  return EndpointHealth::kHealthy;
}

Standing Endpoint::Assess(const PoolOptions& pool, MonotonicTime now) const {
  const EndpointHealth health = Health(pool, now);
  Standing standing;
  standing.usable =
      health == EndpointHealth::kHealthy || health == EndpointHealth::kUnknown;
  standing.overloaded = load.over(pool.thresholds, now);
  standing.ramp = Ramp(*this, pool.health.slow_start, now);
  return standing;
}

MonotonicTime Endpoint::NextChange(const PoolOptions& pool,
                                   MonotonicTime now) const {
  MonotonicTime next = MonotonicTime::max();
  if (outlier.ejected(now)) next = outlier.until();
  if (load.over(pool.thresholds, now)) next = std::min(next, load.until());
  const Duration slow_start = pool.health.slow_start;
  if (well_since > now - slow_start) {
    const Duration step = std::max(slow_start / kRampSteps, Duration(1));
    next = std::min(next, std::max(well_since, now) + step);
  }
  return next;
}

MonotonicTime Endpoint::NextUsable(const PoolOptions& pool,
                                   MonotonicTime now) const {
  MonotonicTime next = now;
  if (check.verdict() != CheckState::Verdict::kUnhealthy) {
    if (outlier.ejected(now)) next = outlier.until();
    if (load.over(pool.thresholds, now)) next = std::max(next, load.until());
  }
  return next == now ? MonotonicTime::max() : next;
}

EndpointView Endpoint::View(const PoolOptions& pool, MonotonicTime now) const {
  EndpointView view;
  view.id = id;
  view.options = options;
  view.effective_weight =
      options.weight * Ramp(*this, pool.health.slow_start, now);
  view.health = Health(pool, now);
  if (outlier.ejected(now)) view.ejected_for = outlier.until() - now;
  view.in_use = in_use;
  view.successes = successes;
  view.failures = failures;
  switch (view.health) {
    case EndpointHealth::kUnhealthy:
      view.message = check.message();
      break;
    case EndpointHealth::kEjected:
      view.message = outlier.reason();
      break;
    case EndpointHealth::kOverloaded:
      view.message = load.Reason(pool.thresholds);
      break;
    case EndpointHealth::kUnknown:
      view.message = "not checked yet";
      break;
    case EndpointHealth::kHealthy:
      break;
  }
  return view;
}

}  // namespace outrigger::pool
