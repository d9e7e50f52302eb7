// A monitor whose findings a test waits for.
#ifndef OUTRIGGER_TESTS_HEALTH_WATCHED_H_
#define OUTRIGGER_TESTS_HEALTH_WATCHED_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/random.h"
#include "health/monitor.h"
#include "pool/options.h"
#include "support/wait_for.h"
#include "telemetry/pool_metrics.h"
#include "telemetry/registry.h"

namespace outrigger::health {

// Pool "p" with these endpoints, checked as often as can be.
inline pool::PoolOptions PoolOf(pool::Check check,
                                const std::vector<std::string>& addresses) {
  pool::PoolOptions options;
  options.name = "p";
  options.health.check = check;
  options.health.every = std::chrono::milliseconds(100);
  options.health.timeout = std::chrono::milliseconds(100);
  for (const std::string& address : addresses) {
    options.endpoints.push_back({.address = address});
  }
  return options;
}

class Watched {
 public:
  struct Result {
    bool passed = false;
    std::string message;
  };

  explicit Watched(std::vector<pool::PoolOptions> pools,
                   Monitor::Settings settings = {})
      : monitor_(std::make_unique<Monitor>(
            std::move(settings), std::move(pools), clock_, random_, registry_,
            Findings{
                [this](auto& pool, auto& address, bool passed, auto& message) {
                  absl::MutexLock lock(&mutex_);
                  checks_[address].push_back({passed, message});
                },
                [this](auto& pool, auto& dns, auto& addresses) {
                  absl::MutexLock lock(&mutex_);
                  resolved_[dns] = addresses;
                }})) {}

  Monitor& monitor() { return *monitor_; }
  void End() { monitor_ = nullptr; }

  // What was found of the address so far.
  std::vector<Result> Of(const std::string& address) const {
    absl::MutexLock lock(&mutex_);
    const auto it = checks_.find(address);
    return it == checks_.end() ? std::vector<Result>() : it->second;
  }
  std::vector<std::string> Resolved(const std::string& dns) const {
    absl::MutexLock lock(&mutex_);
    const auto it = resolved_.find(dns);
    return it == resolved_.end() ? std::vector<std::string>() : it->second;
  }

  // The next check of the address that begins from now on: the one after the
  // next, since that may be under way.
  Result Next(const std::string& address) const {
    const size_t had = Of(address).size();
    WaitFor([&] { return Of(address).size() >= had + 2; });
    const std::vector<Result> all = Of(address);
    return all.size() < had + 2 ? Result{false, "no check came"} : all[had + 1];
  }
  // Waits until a check of it passes, or fails.
  bool Becomes(const std::string& address, bool passing) const {
    return WaitFor([&] { return Next(address).passed == passing; });
  }
  // Waits until a check of it fails, and says that among other things.
  bool Says(const std::string& address, const std::string& what) const {
    return WaitFor([&] {
      const Result result = Next(address);
      return !result.passed && result.message.find(what) != std::string::npos;
    });
  }

  double Metric(const telemetry::MetricInfo& info,
                const std::string& result = "") const {
    const telemetry::Snapshot all = registry_.Collect();
    const telemetry::Metric* const metric = telemetry::Find(all, info.name);
    double sum = 0;
    if (metric == nullptr) return sum;
    for (const telemetry::Point& point : metric->points) {
      if (result.empty() || telemetry::AttributeOf(point, "result") == result) {
        sum += telemetry::NumberOf(point);
      }
    }
    return sum;
  }

 private:
  SystemClock clock_;
  PseudoRandomSource random_{1};
  telemetry::Registry registry_;
  mutable absl::Mutex mutex_;
  std::map<std::string, std::vector<Result>> checks_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<std::string>> resolved_
      ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Monitor> monitor_;  // first to go
};

}  // namespace outrigger::health

#endif  // OUTRIGGER_TESTS_HEALTH_WATCHED_H_
