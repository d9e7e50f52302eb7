#include "config/breaker_table.h"

#include "config/named_items.h"
#include "config/text/member.h"

namespace outrigger::config {

using breaker::BreakerOptions;

const Table<BreakerOptions>& BreakerTable() {
  using B = BreakerOptions;
  static const auto* const table = new Table<B>{
      Member("name", &B::name, Text(64)),
      CountMember("consecutive_failures", &B::consecutive_failures),
      NumberMember("failure_rate", &B::failure_rate),
      TimeMember("slow_call", &B::slow_call),
      NumberMember("slow_rate", &B::slow_rate),
      CountMember("minimum_calls", &B::minimum_calls),
      TimeMember("window", &B::window),
      CountMember("window_calls", &B::window_calls),
      TimeMember("open_for", &B::open_for),
      NumberMember("open_backoff", &B::open_backoff),
      TimeMember("open_max", &B::open_max),
      NumberMember("open_jitter", &B::open_jitter),
      CountMember("half_open_probes", &B::half_open_probes),
      TimeMember("probe_timeout", &B::probe_timeout),
      TimeMember("permit_timeout", &B::permit_timeout),
      TimeMember("recover_for", &B::recover_for),
      NumberMember("recover_from", &B::recover_from),
      CountMember("quorum", &B::quorum),
      NumberMember("quorum_share", &B::quorum_share),
      FlagMember("per_method", &B::per_method),
      CountMember("max_methods", &B::max_methods),
      FlagMember("metrics_only", &B::metrics_only),
  };
  return *table;
}

void CheckBreakers(const Node& root, const std::string& path,
                   const std::vector<BreakerOptions>& breakers,
                   Problems& problems) {
  CheckNamedItems(root, path, breakers, breaker::Validate, problems);
}

}  // namespace outrigger::config
