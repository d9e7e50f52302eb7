// One pod of a simulated fleet: real breakers, a skewed clock, a bad network.
#ifndef OUTRIGGER_TESTS_SIMULATION_BREAKER_POD_H_
#define OUTRIGGER_TESTS_SIMULATION_BREAKER_POD_H_

#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "coord/breaker/breakers.h"
#include "tests/simulation/breaker_line.h"
#include "tests/simulation/pod_executor.h"
#include "tests/simulation/world.h"

namespace outrigger::simulation {

class SimBreakerPod {
 public:
  SimBreakerPod(World& world, SimBreakerStore& store, const Weather& weather,
                const breaker::BreakerOptions& options, int number_in,
                int64_t skew_us, double speed)
      : number(number_in),
        world_(world),
        clock_(world, skew_us, speed),
        executor_(world, clock_),
        line_(world, store, weather),
        random_(static_cast<uint64_t>(number) * 0x9e3779b97f4a7c15),
        breakers_({"pod" + std::to_string(number), 1000, 10}, {options}, clock_,
                  executor_, random_, registry_, line_) {}

  const int number;
  // Since when it has been able to talk to the store.
  int64_t talks_since_us = 0;
  int own_probes = 0;  // at the service now

  coord::Breakers& breakers() { return breakers_; }
  uint64_t commands() { return line_.line().sent(); }
  bool cut() { return line_.line().partitioned(); }
  bool paused() const { return paused_until_us_ > world_.now_us(); }
  bool fit() { return !cut() && !paused(); }

  void PauseUntil(int64_t until_us) {
    paused_until_us_ = until_us;
    executor_.PauseUntil(until_us);
    line_.line().PauseUntil(until_us);
    talks_since_us = until_us;
  }
  void Cut() { line_.line().Partition(true); }
  void Mend() {
    line_.line().Partition(false);
    talks_since_us = std::max(talks_since_us, world_.now_us());
    line_.Reconnect();
  }

 private:
  World& world_;
  int64_t paused_until_us_ = 0;
  WorldClock clock_;
  PodExecutor executor_;
  BreakerLine line_;
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  coord::Breakers breakers_;
};

}  // namespace outrigger::simulation

#endif  // OUTRIGGER_TESTS_SIMULATION_BREAKER_POD_H_
