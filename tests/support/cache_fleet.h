// Pods of a fleet in one process: caches that share a store and a clock.
#ifndef OUTRIGGER_TESTS_SUPPORT_CACHE_FLEET_H_
#define OUTRIGGER_TESTS_SUPPORT_CACHE_FLEET_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "coord/cache/cache.h"
#include "tests/support/cache_link.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"

namespace outrigger {

// What became of a question; empty while it waits.
template <typename T>
using Outcome = std::shared_ptr<std::optional<absl::StatusOr<T>>>;

template <typename T>
std::pair<Outcome<T>, coord::Cache::Done<T>> NewOutcome() {
  auto outcome = std::make_shared<std::optional<absl::StatusOr<T>>>();
  return {outcome, [outcome](absl::StatusOr<T> answer) {
            *outcome = std::move(answer);
          }};
}

// One namespace "ns" of a kind that suits most tests: nothing random.
inline cache::Options TestCacheOptions() {
  cache::Options options;
  options.namespaces.emplace_back();
  cache::NamespaceOptions& ns = options.namespaces[0];
  ns.name = "ns";
  ns.ttl_jitter = 0;
  ns.early_refresh = 0;
  ns.memory_bytes = 16 << 20;
  ns.write_behind = true;
  return options;
}

// One pod.
class CachePod {
 public:
  CachePod(const cache::Options& options, CacheHub& hub, FakeClock& clock,
           ManualExecutor& executor, uint64_t seed,
           coord::Cache::Bounds bounds = {})
      : random_(seed),
        link_(hub, executor, clock, random_),
        cache_(options, bounds, clock, executor, random_, registry_, link_) {}

  CacheLink& link() { return link_; }
  coord::Cache& cache() { return cache_; }
  telemetry::Registry& registry() { return registry_; }

  // As the server does it: from L1 if that can answer, else through the store.
  Outcome<coord::GetAnswer> Get(coord::GetQuery query,
                                coord::Cache::Ticket* ticket = nullptr) {
    auto [outcome, done] = NewOutcome<coord::GetAnswer>();
    coord::GetAnswer answer;
    absl::Status error;
    if (cache_.GetNow(query, &answer, &error)) {
      if (error.ok()) {
        done(std::move(answer));
      } else {
        done(error);
      }
      return outcome;
    }
    query.refresh = answer.refresh;
    const auto given = cache_.GetLater(query, std::move(done));
    if (ticket != nullptr) *ticket = given;
    return outcome;
  }
  Outcome<coord::GetAnswer> Get(absl::string_view key) {
    coord::GetQuery query;
    query.ns = "ns";
    query.key = key;
    return Get(query);
  }
  // The answer, which must be there.
  coord::GetAnswer Got(absl::string_view key) {
    auto outcome = Get(key);
    return outcome->value().value();
  }
  coord::GetAnswer Look(absl::string_view key) {
    coord::GetQuery query;
    query.ns = "ns";
    query.key = key;
    query.no_fill = true;
    return Get(query)->value().value();
  }

  Outcome<coord::SetAnswer> Set(coord::SetQuery query) {
    auto [outcome, done] = NewOutcome<coord::SetAnswer>();
    query.ns = "ns";
    cache_.Set(query, std::move(done));
    return outcome;
  }
  coord::SetAnswer Put(absl::string_view key, absl::string_view value,
                       absl::string_view token = "",
                       std::vector<std::string> tags = {}) {
    coord::SetQuery query;
    query.key = key;
    query.value = value;
    query.fill_token = token;
    query.tags = std::move(tags);
    return Set(query)->value().value();
  }

  Outcome<coord::InvalidateAnswer> Invalidate(coord::InvalidateQuery query) {
    auto [outcome, done] = NewOutcome<coord::InvalidateAnswer>();
    query.ns = "ns";
    cache_.Invalidate(query, std::move(done));
    return outcome;
  }

 private:
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  CacheLink link_;
  coord::Cache cache_;
};

// A shared store, a clock, and pods.
class CacheFleet {
 public:
  explicit CacheFleet(int pods, cache::Options options = TestCacheOptions())
      : executor_(clock_), shared_(clock_, 64 << 20), hub_(shared_) {
    for (int i = 0; i < pods; ++i) {
      pods_.push_back(std::make_unique<CachePod>(
          options, hub_, clock_, executor_, static_cast<uint64_t>(i) + 1));
    }
  }

  CachePod& operator[](size_t pod) { return *pods_[pod]; }
  FakeClock& clock() { return clock_; }
  ManualExecutor& executor() { return executor_; }
  store::MemoryCacheStore& shared() { return shared_; }
  CacheHub& hub() { return hub_; }
  void Advance(Duration by) { executor_.Advance(by); }

 private:
  FakeClock clock_;
  ManualExecutor executor_;
  store::MemoryCacheStore shared_;
  CacheHub hub_;
  std::vector<std::unique_ptr<CachePod>> pods_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_CACHE_FLEET_H_
