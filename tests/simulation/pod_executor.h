// A simulated pod's timers.
#ifndef OUTRIGGER_TESTS_SIMULATION_POD_EXECUTOR_H_
#define OUTRIGGER_TESTS_SIMULATION_POD_EXECUTOR_H_

#include <map>
#include <utility>

#include "base/executor.h"
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

}  // namespace outrigger::simulation

#endif  // OUTRIGGER_TESTS_SIMULATION_POD_EXECUTOR_H_
