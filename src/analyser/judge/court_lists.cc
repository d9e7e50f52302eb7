// What there are many of: caches, pools, breakers, limits, operations.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "analyser/judge/court.h"

namespace outrigger::analyser {

void Court::Caches() {
  std::vector<Subject> subjects;
  seen_.parts().caches().ForEach(
      [&](const std::string& name, const Cache& cache) {
        const ShareSums hits = cache.hits.Sum(seen_.step().slot);
        if (!Enough(hits.whole)) return;
        subjects.push_back({name,
                            hits.part / hits.whole,
                            {{"requests", hits.whole}, {"hits", hits.part}}});
      });
  Many({.kind = kCacheHitRate,
        .threshold = options_.cache_hit_rate,
        .small_is_bad = true},
       std::move(subjects));
}

void Court::Pools() {
  std::vector<Subject> subjects;
  seen_.parts().pools().ForEach([&](const std::string& name, const Pool& pool) {
    const auto use = pool.use.Sum(seen_.step().slot).share();
    if (!use.has_value()) return;
    subjects.push_back({name,
                        *use,
                        {{"leases", pool.leases()},
                         {"limit", pool.limit.value_or(0)},
                         {"waiting", pool.waiting}}});
  });
  Many({.kind = kPoolUtilization,
        .threshold = options_.pool_utilization,
        .severe = 0.995},
       std::move(subjects));
}

void Court::Breakers() {
  std::vector<Subject> subjects;
  seen_.parts().breakers().ForEach([&](const std::string& name,
                                       const Breaker& breaker) {
    subjects.push_back({name, breaker.transitions.Sum(seen_.step().slot), {}});
  });
  Many({.kind = kBreakerFlapping,
        .unit = "{transition}",
        .threshold = static_cast<double>(options_.breaker_transitions)},
       std::move(subjects));
}

void Court::Limits() {
  std::vector<Subject> subjects;
  const size_t seconds = std::min(
      LimitHistory::kPoints, static_cast<size_t>(ToSeconds(options_.window)));
  seen_.limits().each().ForEach(
      [&](const std::string& name, const LimitHistory& limit) {
        const Decisions counts = limit.Over(seconds);
        const double all = counts.all();
        if (!Enough(all)) return;
        subjects.push_back({name,
                            counts.denied / all,
                            {{"counted_s", static_cast<double>(seconds)},
                             {"decisions", all},
                             {"denied", counts.denied}}});
      });
  Many({.kind = kLimitDenied,
        .threshold = options_.limit_denied,
        .severe = 0.95,
        .severity = Severity::kInfo},
       std::move(subjects));
}

void Court::AddSlow(const std::string& name, const Operation& operation,
                    const Latencies& own,
                    std::vector<Subject>& subjects) const {
  const double mean = MeanSeconds(own);
  const auto& usual = operation.usual_mean_s();
  if (!Enough(own.count()) || usual.value_or(0) <= 0) return;
  // Below the least nothing is slow, however fast it usually is.
  const double against =
      std::max(*usual, ToSeconds(options_.slow_least) / options_.slow_factor);
  subjects.push_back({name,
                      mean / against,
                      {{"calls", own.count()},
                       {"mean_s", mean},
                       {"usual_mean_s", *usual},
                       {"p95_s", QuantileSeconds(own, 0.95)}}});
}

void Court::SlowOperations() {
  std::vector<Subject> subjects;
  seen_.methods().each().ForEach(
      [&](const std::string& name, const Operation& operation) {
        AddSlow(name, operation, seen_.OwnWork(name, operation).latencies,
                subjects);
      });
  seen_.redis().each().ForEach(
      [&](const std::string& name, const Operation& operation) {
        AddSlow(name, operation, operation.Window(seen_.step()).latencies,
                subjects);
      });
  Many({.kind = kSlowOperation, .threshold = options_.slow_factor},
       std::move(subjects));
}

}  // namespace outrigger::analyser
