#include "health/monitor.h"

#include <map>
#include <set>
#include <thread>
#include <utility>

#include "health/probe/grpc_answers.h"
#include "health/watch/pool_watch.h"
#include "health/watch/turns.h"
#include "loop/loop.h"
#include "telemetry/log.h"
#include "telemetry/pool_metrics.h"

namespace outrigger::health {

// The thread, and what belongs to it.
class Monitor::Thread {
 public:
  Thread(Settings settings, std::vector<pool::PoolOptions> pools,
         const Clock& clock, RandomSource& random,
         telemetry::Registry& registry, Findings findings)
      : findings_(std::move(findings)),
        log_("health", clock),
        resolver_(loop_.base(), std::move(settings.lookup)),
        answers_(loop_),
        turns_(settings.max_checks_under_way,
               registry.GetCounter(telemetry::kPoolChecksDelayed)),
        tools_{.names = {loop_, resolver_, random},
               .checkups = {loop_, clock, random, turns_},
               .probes = {loop_, resolver_, answers_},
               .findings = findings_,
               .registry = registry,
               .log = log_} {
    Apply(std::move(pools));
    thread_ = std::thread([this] { loop_.Run(); });
  }
  ~Thread() {
    loop_.Stop();
    thread_.join();
  }

  void Update(std::vector<pool::PoolOptions> pools) {
    loop_.Post([this, pools = std::move(pools)]() mutable {
      Apply(std::move(pools));
    });
  }

 private:
  void Apply(std::vector<pool::PoolOptions> pools) {
    std::set<std::string> names;
    for (pool::PoolOptions& options : pools) {
      names.insert(options.name);
      std::unique_ptr<PoolWatch>& watch = watches_[options.name];
      if (watch == nullptr) {
        watch = std::make_unique<PoolWatch>(tools_, std::move(options));
      } else {
        watch->Update(std::move(options));
      }
    }
    std::erase_if(watches_, [&](const auto& watch) {
      return !names.contains(watch.first);
    });
  }

  const Findings findings_;
  const telemetry::Log log_;
  Loop loop_;
  Resolver resolver_;
  GrpcAnswers answers_;
  Turns turns_;
  const PoolWatch::Tools tools_;
  std::map<std::string, std::unique_ptr<PoolWatch>> watches_;  // by pool
  std::thread thread_;
};

Monitor::Monitor(Settings settings, std::vector<pool::PoolOptions> pools,
                 const Clock& clock, RandomSource& random,
                 telemetry::Registry& registry, Findings findings)
    : thread_(std::make_unique<Thread>(std::move(settings), std::move(pools),
                                       clock, random, registry,
                                       std::move(findings))) {}

Monitor::~Monitor() = default;

void Monitor::Update(std::vector<pool::PoolOptions> pools) {
  thread_->Update(std::move(pools));
}

}  // namespace outrigger::health
