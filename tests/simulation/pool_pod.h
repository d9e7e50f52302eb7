// One pod of a simulated fleet with a pool: real coordination, a skewed clock,
// a bad network.
#ifndef OUTRIGGER_TESTS_SIMULATION_POOL_POD_H_
#define OUTRIGGER_TESTS_SIMULATION_POOL_POD_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "coord/pool/pools.h"
#include "store/memory_pool_store.h"
#include "tests/simulation/bad_line.h"
#include "tests/simulation/pod_executor.h"
#include "tests/simulation/world.h"

namespace outrigger::simulation {

class PoolLink final : public store::PoolStore, private store::PoolListener {
 public:
  PoolLink(World& world, store::MemoryPoolStore& store, const Weather& weather)
      : line_(world, weather), store_(store) {}
  ~PoolLink() override { store_.StopListening(pod_); }

  BadLine& line() { return line_; }

  void Listen(const std::string& pod, store::PoolListener* listener) override {
    pod_ = pod;
    listener_ = listener;
    store_.Listen(pod, this);
  }
  void Exchange(store::PoolRequest request, Done done) override {
    line_.Send<store::PoolReply>(
        false,
        [&store = store_, request](Done reply) {
          store.Exchange(request, std::move(reply));
        },
        std::move(done));
  }
  bool reachable() const override { return line_.reachable(); }

 private:
  void OnCalled(const std::vector<std::string>& pools) override {
    line_.Tell([this, pools] { listener_->OnCalled(pools); });
  }
  void OnBack() override {}

  BadLine line_;
  store::MemoryPoolStore& store_;
  std::string pod_;
  store::PoolListener* listener_ = nullptr;
};

class PoolPod {
 public:
  PoolPod(World& world, store::MemoryPoolStore& store, const Weather& weather,
          std::vector<pool::PoolOptions> options, std::string name,
          int64_t skew_us, double speed)
      : world_(world),
        clock_(world, skew_us, speed),
        executor_(world, clock_),
        link_(world, store, weather),
        random_(static_cast<uint64_t>(skew_us) ^ 0x9e3779b97f4a7c15),
        pools_({std::move(name), 10'000}, std::move(options), clock_, executor_,
               random_, registry_, link_) {}

  coord::Pools& pools() { return pools_; }
  BadLine& line() { return link_.line(); }
  const WorldClock& clock() const { return clock_; }
  bool paused() const { return paused_until_us_ > world_.now_us(); }
  int64_t paused_until_us() const { return paused_until_us_; }
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
  PoolLink link_;
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  coord::Pools pools_;
};

}  // namespace outrigger::simulation

#endif  // OUTRIGGER_TESTS_SIMULATION_POOL_POD_H_
