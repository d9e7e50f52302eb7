// One pod of a simulated fleet: a real limiter, a skewed clock, a bad network.
#ifndef OUTRIGGER_TESTS_SIMULATION_SIM_POD_H_
#define OUTRIGGER_TESTS_SIMULATION_SIM_POD_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "coord/limiter.h"
#include "tests/simulation/link.h"
#include "tests/simulation/world.h"

namespace outrigger::simulation {

// The pod's timers, on its own clock; they stand still while it is paused, and
// vanish with it.
class PodExecutor final : public Executor {
 public:
  PodExecutor(World& world, const WorldClock& clock)
      : world_(world), clock_(clock) {}
  ~PodExecutor() override {
    for (const auto& [id, event] : timers_) world_.Cancel(event);
  }

  TimerId RunAt(MonotonicTime when, absl::AnyInvocable<void()> work) override {
    const TimerId id = ++last_id_;
    works_[id] = std::move(work);
    Schedule(id, clock_.WorldUs(when));
    return id;
  }
  bool Cancel(TimerId id) override {
    const auto it = timers_.find(id);
    if (it == timers_.end()) return false;
    world_.Cancel(it->second);
    timers_.erase(it);
    works_.erase(id);
    return true;
  }
  void PauseUntil(int64_t until_us) { paused_until_us_ = until_us; }

 private:
  void Schedule(TimerId id, int64_t when_us) {
    timers_[id] = world_.At(when_us, [this, id] {
      if (paused_until_us_ > world_.now_us()) {
        return Schedule(id, paused_until_us_);
      }
      timers_.erase(id);
      auto work = works_.extract(id);
      work.mapped()();
    });
  }

  World& world_;
  const WorldClock& clock_;
  TimerId last_id_ = 0;
  int64_t paused_until_us_ = 0;
  std::map<TimerId, World::EventId> timers_;
  std::map<TimerId, absl::AnyInvocable<void()>> works_;
};

class SimPod {
 public:
  SimPod(World& world, store::LimitStore& store, const Weather& weather,
         const Link::OnTaken& on_taken,
         const std::vector<limit::LimitConfig>& limits, std::string name,
         int64_t skew_us, double speed)
      : world_(world),
        clock_(world, skew_us, speed),
        executor_(world, clock_),
        link_(world, store, weather, on_taken),
        random_(static_cast<uint64_t>(skew_us) ^ 0x9e3779b97f4a7c15),
        limiter_({std::move(name), 4'000'000, 10'000}, limits, clock_,
                 executor_, random_, registry_, &link_) {}

  coord::Limiter& limiter() { return limiter_; }
  Link& link() { return link_; }
  bool paused() const { return paused_until_us_ > world_.now_us(); }
  void PauseUntil(int64_t until_us) {
    paused_until_us_ = until_us;
    executor_.PauseUntil(until_us);
    link_.PauseUntil(until_us);
  }

 private:
  World& world_;
  int64_t paused_until_us_ = 0;
  WorldClock clock_;
  PodExecutor executor_;
  Link link_;
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  coord::Limiter limiter_;
};

}  // namespace outrigger::simulation

#endif  // OUTRIGGER_TESTS_SIMULATION_SIM_POD_H_
