#include <string>

#include "agent.h"

namespace agent {
namespace {

namespace oc = outrigger::client;

oc::Options OptionsOf(const Arguments& arguments) {
  oc::Options options;
  if (const auto timeout = arguments.Time("timeout_ms")) {
    options.timeout = *timeout;
  }
  const Arguments limits = arguments.Object("limits");
  const std::string limit_policy = limits.Text("on_unavailable", "allow");
  using Limits = oc::LimitPolicy::OnUnavailable;
  options.limits.on_unavailable = limit_policy == "deny"    ? Limits::kDeny
                                  : limit_policy == "local" ? Limits::kLocal
                                                            : Limits::kAllow;
  options.limits.local_rate =
      limits.Number("rate_per_s", options.limits.local_rate);
  options.limits.local_burst =
      limits.Number("burst", options.limits.local_burst);

  const Arguments breaker = arguments.Object("breaker");
  const std::string breaker_policy = breaker.Text("on_unavailable", "local");
  using Breaker = oc::BreakerPolicy::OnUnavailable;
  options.breaker.on_unavailable = breaker_policy == "deny" ? Breaker::kDeny
                                   : breaker_policy == "allow"
                                       ? Breaker::kAllow
                                       : Breaker::kLocal;
  options.breaker.failures =
      static_cast<int>(breaker.Number("failures", options.breaker.failures));
  if (const auto open_for = breaker.Time("open_for_ms")) {
    options.breaker.open_for = *open_for;
  }

  const Arguments pool = arguments.Object("pool");
  using Pool = oc::PoolPolicy::OnUnavailable;
  options.pool.on_unavailable =
      pool.Text("on_unavailable") == "share" ? Pool::kShare : Pool::kRefuse;
  options.pool.share =
      static_cast<int>(pool.Number("share", options.pool.share));
  options.pool.endpoint = pool.Text("endpoint");
  return options;
}

Agent::Answer Configure(Agent& agent, const Arguments& arguments) {
  if (absl::Status status = agent.Configure(OptionsOf(arguments));
      !status.ok()) {
    return status;
  }
  return Struct();
}

Agent::Answer Close(Agent& agent, const Arguments&) {
  agent.client()->Close();
  return Struct();
}

Struct ToStruct(const oc::PartStats& stats) {
  Struct result;
  auto& fields = *result.mutable_fields();
  fields["calls"] = Number(static_cast<double>(stats.calls));
  fields["fallbacks"] = Number(static_cast<double>(stats.fallbacks));
  return result;
}

Agent::Answer Stats(Agent& agent, const Arguments&) {
  const oc::Stats stats = agent.client()->stats();
  Struct result;
  auto& fields = *result.mutable_fields();
  fields["limits"] = Object(ToStruct(stats.limits));
  fields["cache"] = Object(ToStruct(stats.cache));
  fields["breaker"] = Object(ToStruct(stats.breaker));
  fields["pool"] = Object(ToStruct(stats.pool));
  return result;
}

Agent::Answer CycleClients(Agent& agent, const Arguments& arguments) {
  const int count = static_cast<int>(arguments.Number("count", 1));
  int done = 0;
  for (int i = 0; i < count; ++i) {
    absl::StatusOr<Client> client = Client::Connect(agent.options());
    if (!client.ok()) return client.status();
    const auto decision = client->limiter().Allow({{"org", "cycle"}});
    const auto lease = client->pool("wide").Acquire();
    const absl::Status called =
        client->breaker("bench").Call([] { return absl::OkStatus(); });
    if (decision.ok() && lease.ok() && called.ok()) ++done;
  }
  Struct result;
  (*result.mutable_fields())["done"] = Number(done);
  return result;
}

}  // namespace

const Operations& ClientOperations() {
  static const auto* const operations = new Operations{
      {"configure", Configure},
      {"close", Close},
      {"stats", Stats},
      {"cycle_clients", CycleClients},
  };
  return *operations;
}

}  // namespace agent
