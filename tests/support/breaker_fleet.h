// Pods of a fleet in one process: breakers that share a store and a clock.
#ifndef OUTRIGGER_TESTS_SUPPORT_BREAKER_FLEET_H_
#define OUTRIGGER_TESTS_SUPPORT_BREAKER_FLEET_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coord/breaker/breakers.h"
#include "tests/support/breaker_link.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"

namespace outrigger {

// A breaker "b" of a kind that suits most tests: nothing random, no ramp.
inline breaker::BreakerOptions TestBreaker() {
  breaker::BreakerOptions options;
  options.name = "b";
  options.minimum_calls = 10;
  options.open_jitter = 0;
  options.recover_for = {};
  return options;
}

// One pod.
class BreakerPod {
 public:
  BreakerPod(std::vector<breaker::BreakerOptions> options, BreakerHub& hub,
             FakeClock& clock, ManualExecutor& executor, uint64_t seed,
             coord::Breakers::Settings settings = {})
      : link_(hub), random_(seed) {
    if (settings.pod.empty()) settings.pod = absl::StrCat("pod", seed);
    breakers_.emplace(std::move(settings), std::move(options), clock, executor,
                      random_, registry_, link_);
  }

  BreakerLink& link() { return link_; }
  coord::Breakers& breakers() { return *breakers_; }
  telemetry::Registry& registry() { return registry_; }

  struct Asked {
    // Empty while it waits.
    std::shared_ptr<std::optional<absl::StatusOr<coord::PermitAnswer>>> outcome;
    coord::Breakers::Ticket ticket = 0;
  };
  // As the server does it: from what the pod knows, else through the store.
  Asked Ask(coord::PermitQuery query) {
    Asked asked;
    asked.outcome =
        std::make_shared<std::optional<absl::StatusOr<coord::PermitAnswer>>>();
    coord::PermitAnswer answer;
    absl::Status error;
    if (breakers_->AcquireNow(query, &answer, &error)) {
      if (error.ok()) {
        *asked.outcome = std::move(answer);
      } else {
        *asked.outcome = error;
      }
      return asked;
    }
    asked.ticket = breakers_->AcquireLater(
        query,
        [outcome = asked.outcome](auto later) { *outcome = std::move(later); });
    return asked;
  }
  // The answer, which must be there.
  coord::PermitAnswer Acquire(absl::string_view method = "",
                              uint64_t session = 0) {
    coord::PermitQuery query;
    query.breaker = "b";
    query.method = method;
    query.session = session;
    return Ask(query).outcome->value().value();
  }

  // Whether it counted.
  bool Report(const coord::PermitAnswer& answer, coord::CallResult result,
              Duration duration = {}, absl::string_view method = "") {
    coord::CallOutcome outcome;
    outcome.breaker = "b";
    outcome.method = method;
    outcome.permit = answer.permit;
    outcome.generation = answer.generation;
    outcome.result = result;
    outcome.duration = duration;
    return breakers_->Report({outcome}).value() == 0;
  }
  // Calls that go alike; those that are not allowed are left out. How many
  // were.
  int Calls(int count, coord::CallResult result,
            absl::string_view method = "") {
    int made = 0;
    for (int i = 0; i < count; ++i) {
      const coord::PermitAnswer answer = Acquire(method);
      if (!answer.allowed) continue;
      ++made;
      Report(answer, result, {}, method);
    }
    return made;
  }
  int Succeed(int count) { return Calls(count, coord::CallResult::kSuccess); }
  int Fail(int count) { return Calls(count, coord::CallResult::kFailure); }

  coord::BreakerView View() { return breakers_->List("b").value().front(); }
  coord::BreakerState State() { return View().state; }

 private:
  BreakerLink link_;
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  std::optional<coord::Breakers> breakers_;
};

// A shared store, a clock, and pods.
class BreakerFleet {
 public:
  explicit BreakerFleet(int pods,
                        breaker::BreakerOptions options = TestBreaker())
      : options_(std::move(options)),
        executor_(clock_),
        shared_(clock_),
        hub_(shared_) {
    for (int i = 0; i < pods; ++i) Join();
  }

  BreakerPod& Join(coord::Breakers::Settings settings = {}) {
    pods_.push_back(std::make_unique<BreakerPod>(
        std::vector<breaker::BreakerOptions>{options_}, hub_, clock_, executor_,
        pods_.size() + 1, std::move(settings)));
    return *pods_.back();
  }
  // Without a word: its probes and its snapshots stay. Its timers do nothing.
  void Kill(int pod) { pods_[static_cast<size_t>(pod)]->link().Cut(); }

  BreakerPod& operator[](int pod) { return *pods_[static_cast<size_t>(pod)]; }
  int size() const { return static_cast<int>(pods_.size()); }
  void Advance(Duration by) { executor_.Advance(by); }
  FakeClock& clock() { return clock_; }
  ManualExecutor& executor() { return executor_; }
  store::MemoryBreakerStore& shared() { return shared_; }

 private:
  breaker::BreakerOptions options_;
  FakeClock clock_;
  ManualExecutor executor_;
  store::MemoryBreakerStore shared_;
  BreakerHub hub_;
  std::vector<std::unique_ptr<BreakerPod>> pods_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_BREAKER_FLEET_H_
