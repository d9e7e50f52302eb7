// Pods that share pools through a store in memory, for tests of coord/pool.
#ifndef OUTRIGGER_TESTS_SUPPORT_POOL_FLEET_H_
#define OUTRIGGER_TESTS_SUPPORT_POOL_FLEET_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "coord/pool/pools.h"
#include "store/memory_pool_store.h"
#include "telemetry/registry.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"

namespace outrigger {

// One pod's way to the store, which can be cut.
class CutPoolLink final : public store::PoolStore, public store::PoolListener {
 public:
  explicit CutPoolLink(store::MemoryPoolStore& shared) : shared_(shared) {}
  ~CutPoolLink() override { shared_.StopListening(pod_); }

  void Listen(const std::string& pod, store::PoolListener* listener) override {
    pod_ = pod;
    listener_ = listener;
    shared_.Listen(pod, this);
  }
  void Exchange(store::PoolRequest request, Done done) override {
    ++exchanges;
    if (cut) return done(absl::UnavailableError("cut"));
    shared_.Exchange(std::move(request), std::move(done));
  }
  bool reachable() const override { return !cut; }
  void OnCalled(const std::vector<std::string>& pools) override {
    if (!cut) listener_->OnCalled(pools);
  }
  void OnBack() override { listener_->OnBack(); }

  bool listened() const { return listener_ != nullptr; }
  bool cut = false;
  int exchanges = 0;

 private:
  store::MemoryPoolStore& shared_;
  std::string pod_;
  store::PoolListener* listener_ = nullptr;
};

struct PoolTestPod {
  PoolTestPod(std::string name, std::vector<pool::PoolOptions> options,
              store::MemoryPoolStore& shared, const Clock& clock,
              Executor& executor, uint64_t seed)
      : link(shared),
        random(seed),
        pools({std::move(name), 100}, std::move(options), clock, executor,
              random, registry, link) {}

  CutPoolLink link;
  PseudoRandomSource random;
  telemetry::Registry registry;
  coord::Pools pools;
};

// One caller's question, and its answer once it has come.
struct PoolAsked {
  coord::Pools::Ticket ticket = 0;
  std::optional<absl::StatusOr<coord::SlotAnswer>> answer;

  bool answered() const { return answer.has_value(); }
  bool acquired() const {
    return answered() && answer->ok() && (*answer)->acquired;
  }
  const coord::SlotAnswer& operator*() const { return **answer; }
};

class PoolFleet {
 public:
  PoolFleet(int pods, std::vector<pool::PoolOptions> options)
      : executor(clock), shared(clock) {
    for (int i = 0; i < pods; ++i) {
      this->pods.push_back(std::make_unique<PoolTestPod>(
          absl::StrCat("pod-", i), options, shared, clock, executor,
          static_cast<uint64_t>(i + 1)));
    }
  }

  std::shared_ptr<PoolAsked> Ask(size_t pod, const coord::SlotQuery& query) {
    auto asked = std::make_shared<PoolAsked>();
    coord::SlotAnswer answer;
    absl::Status error;
    coord::Pools& pools = this->pods[pod]->pools;
    if (pools.AcquireNow(query, &answer, &error)) {
      if (error.ok()) {
        asked->answer = std::move(answer);
      } else {
        asked->answer = error;
      }
      return asked;
    }
    asked->ticket = pools.AcquireLater(
        query, [asked](absl::StatusOr<coord::SlotAnswer> later) {
          asked->answer = std::move(later);
        });
    return asked;
  }
  std::shared_ptr<PoolAsked> Ask(size_t pod, Duration max_wait,
                                 absl::string_view name = "db") {
    coord::SlotQuery query;
    query.pool = name;
    query.max_wait = max_wait;
    return Ask(pod, query);
  }
  coord::PoolView View(size_t pod) {
    return (*this->pods[pod]->pools.GetStatus("")).front();
  }
  bool Release(size_t pod, const PoolAsked& asked,
               pool::Outcome outcome = pool::Outcome::kSuccess) {
    return pods[pod]->pools.Release((*asked).lease_id, outcome);
  }

  FakeClock clock;
  ManualExecutor executor;
  store::MemoryPoolStore shared;
  std::vector<std::unique_ptr<PoolTestPod>> pods;
};

}  // namespace outrigger

#endif  // OUTRIGGER_TESTS_SUPPORT_POOL_FLEET_H_
