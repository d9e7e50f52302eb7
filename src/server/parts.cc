#include "server/parts.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/pod_name.h"
#include "server/shared_store.h"

namespace outrigger::server {
namespace {

// A store answers within its own deadline; this is for one that does not, and
// for what it has not got yet of what was Set with write_behind.
constexpr absl::Duration kMostGivingBack = absl::Seconds(2);

coord::Limiter::Options LimiterOptions(const config::Server& server) {
  coord::Limiter::Options options;
  options.max_keys = static_cast<size_t>(server.max_keys);
  options.max_parked = static_cast<size_t>(server.max_parked);
  return options;
}

coord::Cache::Bounds CacheBounds(const config::Server& server) {
  coord::Cache::Bounds bounds;
  bounds.max_parked = static_cast<size_t>(server.max_parked);
  return bounds;
}

// Waits for several things to be done, each of which may be done after the
// wait, too. Thread-safe.
class Several {
 public:
  // What to call when one of them is done.
  auto Expect() {
    absl::MutexLock lock(&state_->mutex);
    ++state_->left;
    return [state = state_] {
      absl::MutexLock lock(&state->mutex);
      --state->left;
    };
  }
  // False: some are not done in time.
  bool Wait(absl::Duration time) {
    absl::MutexLock lock(&state_->mutex);
    const auto done = [this] {
      state_->mutex.AssertHeld();
      return state_->left == 0;
    };
    return state_->mutex.AwaitWithTimeout(absl::Condition(&done), time);
  }

 private:
  struct State {
    absl::Mutex mutex;
    int left ABSL_GUARDED_BY(mutex) = 0;
  };
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace

Parts::Parts(const config::Config& config, const Clock& clock,
             RandomSource& random, telemetry::Registry& registry,
             telemetry::Tracer& tracer)
    : clock_(clock), log_("server", clock), timers_(clock) {
  const std::string pod = MakePodName(random);
  limit_store_ = MakeSharedStore(config.store, clock, random, registry, tracer);
  limiter_ = std::make_unique<coord::Limiter>(
      LimiterOptions(config.server), config.limits, clock, timers_, random,
      registry, limit_store_.get());
  cache_store_ = MakeCacheStore(config, clock, random, registry, tracer);
  cache_ = std::make_unique<coord::Cache>(
      config.cache, CacheBounds(config.server), clock, timers_, random,
      registry, *cache_store_);
  breaker_store_ =
      MakeBreakerStore(config.store, clock, random, registry, tracer);
  breakers_ = std::make_unique<coord::Breakers>(
      coord::Breakers::Settings{
          .pod = pod,
          .max_parked = static_cast<size_t>(config.server.max_parked)},
      config.breakers, clock, timers_, random, registry, *breaker_store_);
  pool_store_ = MakePoolStore(config.store, clock, random, registry, tracer);
  pools_ = std::make_unique<coord::Pools>(coord::Pools::Settings{.pod = pod},
                                          config.pools, clock, timers_, random,
                                          registry, *pool_store_);
  MakeMonitor(config, random, registry);
}

void Parts::MakeMonitor(const config::Config& config, RandomSource& random,
                        telemetry::Registry& registry) {
  coord::Pools& pools = *pools_;
  monitor_ = std::make_unique<health::Monitor>(
      config.pools, clock_, random, registry,
      health::Findings{
          .on_check =
              [&pools](const std::string& pool, const std::string& address,
                       bool passed, const std::string& message) {
                pools.OnCheck(pool, address, passed, message);
              },
          .on_resolved =
              [&pools](const std::string& pool, const std::string& dns,
                       const std::vector<std::string>& addresses) {
                pools.OnResolved(pool, dns, addresses);
              }});
}

void Parts::Update(const config::Config& next) {
  limiter_->Update(next.limits);
  breakers_->Update(next.breakers);
  pools_->Update(next.pools);
  monitor_->Update(next.pools);
}

void Parts::EndWaits() {
  cache_->Drain();
  pools_->EndWaits();
}

void Parts::Drain() {
  monitor_ = nullptr;
  Several all;
  if (cache_->pending_writes() > 0) cache_->FlushWrites(all.Expect());
  limiter_->Drain(all.Expect());
  breakers_->Drain(all.Expect());
  pools_->Drain(all.Expect());
  if (!all.Wait(kMostGivingBack)) {
    log_.Warning("the store did not take all leases back in time; they lapse");
  }
  const size_t lost = cache_->pending_writes();
  if (lost == 0) return;
  log_.Error("write-behind that the store has not taken is lost",
             {{"writes", absl::StrCat(lost)}});
}

// The stores answer all that they were asked, while those who asked still
// listen.
Parts::~Parts() {
  monitor_ = nullptr;
  timers_.Stop();
  limit_store_ = nullptr;
  limiter_ = nullptr;
  cache_store_ = nullptr;
  cache_ = nullptr;
  breaker_store_ = nullptr;
  breakers_ = nullptr;
  pool_store_ = nullptr;
  pools_ = nullptr;
}

}  // namespace outrigger::server
