#include "health/watch/pool_watch.h"

#include <set>
#include <tuple>
#include <utility>

#include "telemetry/pool_metrics.h"

namespace outrigger::health {
namespace {

telemetry::Attributes OfPool(const std::string& pool) {
  return {{telemetry::kPoolNameLabel, pool}};
}

telemetry::Attributes OfPool(const std::string& pool, const char* result) {
  return {{telemetry::kPoolNameLabel, pool}, {"result", result}};
}

// What a check is made of.
auto CheckParts(const pool::HealthOptions& o) {
  return std::tie(o.check, o.every, o.timeout, o.path, o.service, o.user,
                  o.database);
}

}  // namespace

PoolWatch::PoolWatch(const Tools& tools, pool::PoolOptions options)
    : tools_(tools),
      options_(std::move(options)),
      passed_(tools.registry.GetCounter(telemetry::kPoolChecks,
                                        OfPool(options_.name, "passed"))),
      failed_(tools.registry.GetCounter(telemetry::kPoolChecks,
                                        OfPool(options_.name, "failed"))),
      check_time_(tools.registry.GetHistogram(telemetry::kPoolCheckTime,
                                              OfPool(options_.name))),
      resolved_(tools.registry.GetCounter(telemetry::kPoolResolutions,
                                          OfPool(options_.name, "ok"))),
      not_resolved_(tools.registry.GetCounter(
          telemetry::kPoolResolutions, OfPool(options_.name, "failed"))) {
  SyncNames();
  SyncCheckups();
}

void PoolWatch::Update(pool::PoolOptions options) {
  if (CheckParts(options.health) != CheckParts(options_.health)) {
    checkups_.clear();
  }
  options_ = std::move(options);
  SyncNames();
  SyncCheckups();
}

void PoolWatch::SyncNames() {
  std::set<std::string> wanted;
  for (const pool::EndpointOptions& endpoint : options_.endpoints) {
    if (!endpoint.dns.empty()) wanted.insert(endpoint.dns);
  }
  std::erase_if(names_,
                [&](const auto& name) { return !wanted.contains(name.first); });
  for (const std::string& dns : wanted) {
    Name& name = names_[dns];
    if (name.watch != nullptr) {
      name.watch->SetRefresh(options_.dns_refresh);
      continue;
    }
    name.watch = std::make_unique<NameWatch>(
        tools_.names, dns, options_.dns_refresh,
        [this, dns](const auto& addresses) { OnResolved(dns, addresses); });
  }
}

void PoolWatch::SyncCheckups() {
  if (options_.health.check == pool::Check::kNone) return;
  std::set<std::string> wanted;
  const auto want = [&wanted](const std::string& address) {
    if (wanted.size() < pool::kMaxEndpoints) wanted.insert(address);
  };
  for (const pool::EndpointOptions& endpoint : options_.endpoints) {
    if (!endpoint.address.empty()) want(endpoint.address);
  }
  for (const auto& [dns, name] : names_) {
    for (const std::string& address : name.addresses) want(address);
  }
  std::erase_if(checkups_, [&](const auto& checkup) {
    return !wanted.contains(checkup.first);
  });
  for (const std::string& address : wanted) {
    std::unique_ptr<Checkup>& checkup = checkups_[address];
    if (checkup != nullptr) continue;
    checkup = std::make_unique<Checkup>(
        tools_.checkups,
        Checkup::Rhythm{options_.health.every, options_.health.timeout},
        MakeProbe(options_.health, address, tools_.probes),
        [this, address](const absl::Status& result, Duration took) {
          OnChecked(address, result, took);
        });
  }
}

void PoolWatch::OnResolved(
    const std::string& dns,
    const absl::StatusOr<std::vector<std::string>>& addresses) {
  Name& name = names_[dns];
  if (!addresses.ok()) {
    not_resolved_.Add();
    if (!std::exchange(name.failed, true)) {
      tools_.log.Warning("A pool's name cannot be looked up.",
                         {{"pool", options_.name},
                          {"dns", dns},
                          {"error", addresses.status().ToString()}});
    }
    return;
  }
  resolved_.Add();
  if (std::exchange(name.failed, false)) {
    tools_.log.Info("A pool's name can be looked up again.",
                    {{"pool", options_.name}, {"dns", dns}});
  }
  name.addresses = *addresses;
  // First, so that the checks' results find who they are of.
  tools_.findings.on_resolved(options_.name, dns, name.addresses);
  SyncCheckups();
}

void PoolWatch::OnChecked(const std::string& address,
                          const absl::Status& result, Duration took) {
  (result.ok() ? passed_ : failed_).Add();
  check_time_.Record(took);
  tools_.findings.on_check(options_.name, address, result.ok(),
                           std::string(result.message()));
}

}  // namespace outrigger::health
