// One pod of a simulated fleet: a real limiter, a skewed clock, a bad network.
#ifndef OUTRIGGER_TESTS_SIMULATION_SIM_POD_H_
#define OUTRIGGER_TESTS_SIMULATION_SIM_POD_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "coord/limit/limiter.h"
#include "tests/simulation/link.h"
#include "tests/simulation/pod_executor.h"
#include "tests/simulation/world.h"

namespace outrigger::simulation {

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
    link_.line().PauseUntil(until_us);
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
