#include "analyser/seen/parts.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/string_view.h"
#include "analyser/seen/points.h"
#include "telemetry/breaker_metrics.h"
#include "telemetry/cache_metrics.h"
#include "telemetry/pool_metrics.h"

namespace outrigger::analyser {
namespace {

using telemetry::AttributeOf;
using telemetry::Point;
using telemetry::Snapshot;

constexpr size_t kMiss = 3;  // in kCacheResults

// Pushes `value` once for each point of the step.
template <size_t kSize>
void PushPoints(Ring<float, kSize>& ring, double value, const Step& step) {
  const int points = std::min(step.points, static_cast<int>(kSize));
  for (int i = 0; i < points; ++i) ring.Push(static_cast<float>(value));
}

// Calls visit(entry, value) for the metric's points whose `attribute` names one
// of the table's entries.
template <typename Table, typename Visit>
void ForPoints(const Snapshot& snapshot, const char* metric,
               const char* attribute, Table& table, const Visit& visit) {
  for (const Point& point : PointsOf(snapshot, metric)) {
    auto* entry = table.Get(AttributeOf(point, attribute));
    if (entry != nullptr) visit(*entry, point);
  }
}

}  // namespace

void RecentRate::Push(double rate, const Step& step) {
  PushPoints(rates_, rate, step);
}

double RecentRate::mean() const {
  double sum = 0;
  for (size_t i = 0; i < rates_.size(); ++i) sum += rates_[i];
  return rates_.empty() ? 0 : sum / static_cast<double>(rates_.size());
}

double Cache::rate() const {
  double sum = 0;
  for (const RecentRate& each : rates) sum += each.mean();
  return sum;
}

double Pool::leases() const { return std::max(used, fleet_slots - idle); }

void Parts::Update(const Snapshot& snapshot, const Step& step) {
  UpdateCaches(snapshot, step);
  UpdateBreakers(snapshot, step);
  UpdatePools(snapshot, step);
}

void Parts::UpdateCaches(const Snapshot& snapshot, const Step& step) {
  ForPoints(snapshot, telemetry::kCacheRequests.name, "cache", caches_,
            [&](Cache& cache, const Point& point) {
              const auto* const found =
                  std::find(std::begin(kCacheResults), std::end(kCacheResults),
                            AttributeOf(point, "result"));
              if (found == std::end(kCacheResults)) return;
              const auto i = static_cast<size_t>(found - kCacheResults);
              cache.came[i] = cache.grown[i].By(NumberOf(point), step);
            });
  hits_now_ = ShareSums();
  caches_.ForEach([&](const std::string&, Cache& cache) {
    ShareSums now;
    for (size_t i = 0; i < kCacheResultCount; ++i) {
      now.whole += cache.came[i];
      if (i != kMiss) now.part += cache.came[i];
      cache.rates[i].Push(cache.came[i] / step.seconds, step);
    }
    cache.came = {};
    cache.hits.Add(step.slot, now);
    hits_now_ += now;
    PushPoints(cache.hit_rates,
               now.share().value_or(std::numeric_limits<double>::quiet_NaN()),
               step);
  });
}

void Parts::UpdateBreakers(const Snapshot& snapshot, const Step& step) {
  // A series for each state, of which one is 1.
  ForPoints(snapshot, telemetry::kBreakerState.name, "breaker", breakers_,
            [&](Breaker& breaker, const Point& point) {
              const auto* const found = std::find(std::begin(kBreakerStates),
                                                  std::end(kBreakerStates),
                                                  AttributeOf(point, "state"));
              if (found == std::end(kBreakerStates) || NumberOf(point) != 1)
                return;
              const auto state = static_cast<int>(found - kBreakerStates);
              if (breaker.changes.empty() || state != breaker.state) {
                breaker.changes.Push({ToSeconds(step.wall.time_since_epoch()),
                                      static_cast<int8_t>(state)});
              }
              breaker.state = state;
            });
  // A breaker has a series for each kind of transition: their sum counts.
  absl::flat_hash_map<Breaker*, double> transitions;
  ForPoints(snapshot, telemetry::kBreakerTransitions.name, "breaker", breakers_,
            [&](Breaker& breaker, const Point& point) {
              transitions[&breaker] += NumberOf(point);
            });
  for (const auto& [breaker, sum] : transitions) {
    breaker->transitions.Add(step.slot,
                             breaker->transitions_grown.By(sum, step));
  }
  ForPoints(snapshot, telemetry::kBreakerRejected.name, "breaker", breakers_,
            [&](Breaker& breaker, const Point& point) {
              const double came =
                  breaker.rejected_grown.By(NumberOf(point), step);
              breaker.rejected.Push(came / step.seconds, step);
            });
}

void Parts::UpdatePools(const Snapshot& snapshot, const Step& step) {
  const auto for_points = [&](const telemetry::MetricInfo& metric,
                              const auto& visit) {
    ForPoints(snapshot, metric.name, telemetry::kPoolNameLabel, pools_, visit);
  };
  for_points(telemetry::kPoolCount, [](Pool& pool, const Point& point) {
    const bool used = AttributeOf(point, telemetry::kPoolStateLabel) == "used";
    (used ? pool.used : pool.idle) = NumberOf(point);
  });
  for_points(telemetry::kPoolFleetSlots, [](Pool& pool, const Point& point) {
    pool.fleet_slots = NumberOf(point);
  });
  for_points(telemetry::kPoolMax, [](Pool& pool, const Point& point) {
    pool.limit = NumberOf(point);
  });
  for_points(telemetry::kPoolPending, [](Pool& pool, const Point& point) {
    pool.waiting = NumberOf(point);
  });
  for_points(telemetry::kPoolTimeouts, [&](Pool& pool, const Point& point) {
    const double came = pool.timeouts_grown.By(NumberOf(point), step);
    pool.timeouts.Push(came / step.seconds, step);
  });
  use_now_ = ShareSums();
  pools_.ForEach([&](const std::string&, Pool& pool) {
    PushPoints(pool.lease_history, pool.leases(), step);
    const ShareSums now{pool.leases() * step.seconds,
                        pool.limit.value_or(0) * step.seconds};
    if (now.whole <= 0) return;
    pool.use.Add(step.slot, now);
    use_now_ += now;
  });
}

}  // namespace outrigger::analyser
