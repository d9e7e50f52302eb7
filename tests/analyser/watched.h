// A registry that an analyser looks at, second by second, on a fake clock.
#ifndef OUTRIGGER_TESTS_ANALYSER_WATCHED_H_
#define OUTRIGGER_TESTS_ANALYSER_WATCHED_H_

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "analyser/analyser.h"
#include "support/fake_clock.h"
#include "telemetry/breaker_metrics.h"
#include "telemetry/cache_metrics.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/pool_metrics.h"
#include "telemetry/registry.h"

namespace outrigger::analyser {

inline constexpr char kAllow[] = "outrigger.ratelimit.v1.RateLimiter/Allow";
inline constexpr char kGet[] = "outrigger.cache.v1.Cache/Get";

class Watched {
 public:
  explicit Watched(Options options = {}, telemetry::Registry::Options with = {})
      : registry_(with),
        observation_(registry_.Observe([this](telemetry::Observations& seen) {
          for (const auto& [key, value] : values_) {
            seen.Add(*key.first, key.second, value);
          }
        })),
        analyser_(options, {"1.2.3", "checkout"}, clock_, registry_) {}

  // For so many seconds: `work` happens, a second passes, the analyser looks.
  void Run(
      int seconds, const std::function<void()>& work = [] {}) {
    if (!looked_) Look();
    for (int i = 0; i < seconds; ++i) {
      work();
      clock_.Advance(std::chrono::seconds(1));
      Look();
    }
  }
  void Look() {
    looked_ = true;
    analyser_.Look(clock_.Now(), clock_.WallNow(), registry_.Collect());
  }

  // The breaker is in that state, and in no other.
  void Breaker(const std::string& name, const std::string& state) {
    for (const char* each : kBreakerStates) {
      Set(telemetry::kBreakerState, {{"breaker", name}, {"state", each}},
          state == each ? 1 : 0);
    }
  }
  // This pod uses so many slots, has some more, and so has the fleet.
  void Pool(const std::string& name, double used, double idle, double fleet,
            double limit) {
    const auto set = [&](const telemetry::MetricInfo& metric, double value) {
      Set(metric, {{telemetry::kPoolNameLabel, name}}, value);
    };
    Set(telemetry::kPoolCount,
        {{telemetry::kPoolNameLabel, name},
         {"db.client.connection.state", "used"}},
        used);
    Set(telemetry::kPoolCount,
        {{telemetry::kPoolNameLabel, name},
         {"db.client.connection.state", "idle"}},
        idle);
    set(telemetry::kPoolFleetSlots, fleet);
    set(telemetry::kPoolMax, limit);
  }

  void Call(const char* method, int times, double seconds,
            const char* status = "OK") {
    telemetry::Attributes attributes = {{"rpc.method", method},
                                        {"rpc.status_code", status}};
    if (std::string(status) != "OK") {
      attributes.emplace_back("error.type", status);
    }
    Record(telemetry::kRpcDuration, attributes, times, seconds);
  }
  void Redis(const char* command, int times, double seconds,
             const char* error = "") {
    telemetry::Attributes attributes = {{"db.operation.name", command}};
    if (error[0] != '\0') attributes.emplace_back("error.type", error);
    Record(telemetry::kRedisDuration, attributes, times, seconds);
    Set(telemetry::kRedisInFlight, {}, 0);
  }
  void Decide(const std::string& limit, const char* result, int times) {
    registry_
        .GetCounter(telemetry::kAllowDecisions,
                    {{"limit", limit}, {"result", result}})
        .Add(static_cast<uint64_t>(times));
  }
  void Record(const telemetry::MetricInfo& info,
              const telemetry::Attributes& attributes, int times,
              double value) {
    for (int i = 0; i < times; ++i) {
      registry_.GetHistogram(info, attributes).Record(value);
    }
  }
  // What is observed from now on.
  void Set(const telemetry::MetricInfo& info,
           const telemetry::Attributes& attributes, double value) {
    values_[{&info, attributes}] = value;
  }
  void Grow(const telemetry::MetricInfo& info,
            const telemetry::Attributes& attributes, double by) {
    values_[{&info, attributes}] += by;
  }

  // "severity id", worst first.
  std::vector<std::string> Found() const {
    std::vector<std::string> found;
    for (const Finding& finding : analyser_.CurrentFindings()) {
      found.push_back(std::string(NameOf(finding.severity)) + " " +
                      finding.id());
    }
    return found;
  }
  // A number of the first finding's evidence; -1: it is not there.
  double Evidence(const std::string& name) const {
    const Finding finding = analyser_.CurrentFindings().at(0);
    for (const auto& [key, value] : finding.evidence) {
      if (key == name) return value;
    }
    return -1;
  }

  FakeClock& clock() { return clock_; }
  telemetry::Registry& registry() { return registry_; }
  Analyser& analyser() { return analyser_; }

 private:
  FakeClock clock_;
  telemetry::Registry registry_;
  std::map<std::pair<const telemetry::MetricInfo*, telemetry::Attributes>,
           double>
      values_;
  telemetry::Observation observation_;
  Analyser analyser_;
  bool looked_ = false;
};

}  // namespace outrigger::analyser

#endif  // OUTRIGGER_TESTS_ANALYSER_WATCHED_H_
