// One pool's names and endpoints.
#ifndef OUTRIGGER_HEALTH_WATCH_POOL_WATCH_H_
#define OUTRIGGER_HEALTH_WATCH_POOL_WATCH_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "health/findings.h"
#include "health/probe/probe.h"
#include "health/watch/checkup.h"
#include "health/watch/name_watch.h"
#include "pool/options.h"
#include "telemetry/log.h"
#include "telemetry/registry.h"

namespace outrigger::health {

// On the loop's thread.
class PoolWatch {
 public:
  // What all pools share; outlives them.
  struct Tools {
    NameWatch::Tools names;
    Checkup::Tools checkups;
    ProbeTools probes;
    const Findings& findings;
    telemetry::Registry& registry;
    const telemetry::Log& log;
  };

  PoolWatch(const Tools& tools, pool::PoolOptions options);

  // Not from within a finding. REQUIRES: the same name.
  void Update(pool::PoolOptions options);

 private:
  struct Name {
    std::vector<std::string> addresses;  // as found last
    bool failed = false;                 // the last look-up did
    std::unique_ptr<NameWatch> watch;
  };

  void SyncNames();
  void SyncCheckups();
  void OnResolved(const std::string& dns,
                  const absl::StatusOr<std::vector<std::string>>& addresses);
  void OnChecked(const std::string& address, const absl::Status& result,
                 Duration took);

  const Tools tools_;
  pool::PoolOptions options_;
  telemetry::Counter& passed_;
  telemetry::Counter& failed_;
  telemetry::Histogram& check_time_;
  telemetry::Counter& resolved_;
  telemetry::Counter& not_resolved_;
  std::map<std::string, Name> names_;  // by EndpointOptions::dns
  std::map<std::string, std::unique_ptr<Checkup>> checkups_;  // by address
};

}  // namespace outrigger::health

#endif  // OUTRIGGER_HEALTH_WATCH_POOL_WATCH_H_
