#include "config/pool_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "config/named_items.h"
#include "config/text/member.h"

namespace outrigger::config {
namespace {

using pool::Balance;
using pool::Check;
using pool::EndpointOptions;
using pool::HealthOptions;
using pool::PoolOptions;
using pool::Role;
using pool::ThresholdOptions;

constexpr size_t kLongestText = 1024;

const Table<EndpointOptions>& EndpointTable() {
  using E = EndpointOptions;
  static const auto* const table = new Table<E>{
      Member("address", &E::address, Text(kLongestText)),
      Member("dns", &E::dns, Text(kLongestText)),
      NumberMember("weight", &E::weight),
      Member("zone", &E::zone, Text(64)),
      Member("role", &E::role,
             Named(pool::RoleName,
                   {Role::kPrimary, Role::kReplica, Role::kShard})),
      FlagMember("backup", &E::backup),
  };
  return *table;
}

Table<HealthOptions> HealthTable() {
  using H = HealthOptions;
  return {
      Member("check", &H::check,
             Named(pool::CheckName,
                   {Check::kNone, Check::kTcp, Check::kHttp, Check::kGrpc,
                    Check::kRedis, Check::kPostgres})),
      TimeMember("every", &H::every),
      TimeMember("timeout", &H::timeout),
      CountMember("rise", &H::rise),
      CountMember("fall", &H::fall),
      Member("path", &H::path, Text(kLongestText)),
      Member("service", &H::service, Text(kLongestText)),
      Member("user", &H::user, Text(64)),
      Member("database", &H::database, Text(64)),
      CountMember("eject_after", &H::eject_after),
      NumberMember("eject_rate", &H::eject_rate),
      CountMember("eject_minimum", &H::eject_minimum),
      TimeMember("eject_window", &H::eject_window),
      TimeMember("eject_for", &H::eject_for),
      TimeMember("eject_max", &H::eject_max),
      NumberMember("eject_share", &H::eject_share),
      NumberMember("panic", &H::panic),
      TimeMember("slow_start", &H::slow_start),
  };
}

Table<ThresholdOptions> ThresholdTable() {
  using T = ThresholdOptions;
  return {
      NumberMember("cpu", &T::cpu),
      NumberMember("memory", &T::memory),
      NumberMember("requests_per_second", &T::requests_per_second),
      TimeMember("valid_for", &T::valid_for),
  };
}

Field<PoolOptions> EndpointsField() {
  Field<PoolOptions> field;
  field.info = {.path = "endpoints", .form = FieldInfo::Form::kOther};
  field.read = [](const Node& node, const std::string& path, PoolOptions& pool,
                  Problems& problems) {
    if (node.children.size() > pool::kMaxEndpoints) {
      problems.Error(node.place, path,
                     absl::StrCat("has more than ", pool::kMaxEndpoints));
      return;
    }
    ReadItems(node, path, EndpointTable(), pool.endpoints, problems);
  };
  field.write = [](const PoolOptions& pool) {
    return WriteItems(EndpointTable(), pool.endpoints);
  };
  return field;
}

template <typename Part>
void AddPart(const char* name, const Table<Part>& part,
             Part PoolOptions::*member, Table<PoolOptions>& table) {
  for (const Field<Part>& field : part) {
    table.push_back(Within<PoolOptions>(
        name, field,
        [member](PoolOptions& pool) -> Part& { return pool.*member; },
        [member](const PoolOptions& pool) { return &(pool.*member); }));
  }
}

Table<PoolOptions> MakePoolTable() {
  using P = PoolOptions;
  Table<P> table = {
      Member("name", &P::name, Text(64)),
      CountMember("max_connections", &P::max_connections),
      CountMember("max_overflow", &P::max_overflow),
      TimeMember("acquire_timeout", &P::acquire_timeout),
      CountMember("max_waiting", &P::max_waiting),
      TimeMember("lease", &P::lease),
      TimeMember("leak_after", &P::leak_after),
      CountMember("retry_attempts", &P::retry_attempts),
      Member("on_store_loss", &P::share_on_store_loss,
             Choice<bool>({{"deny", false}, {"share", true}})),
      Member("zone", &P::zone, Text(64)),
      Member("balance", &P::balance,
             Named(pool::BalanceName,
                   {Balance::kLeastConnections, Balance::kRoundRobin,
                    Balance::kWeighted, Balance::kRandomTwo, Balance::kSticky,
                    Balance::kZoneAware})),
      TimeMember("dns_refresh", &P::dns_refresh),
      EndpointsField(),
  };
  AddPart("health", HealthTable(), &P::health, table);
  AddPart("thresholds", ThresholdTable(), &P::thresholds, table);
  return table;
}

}  // namespace

const Table<PoolOptions>& PoolTable() {
  static const auto* const table = new Table<PoolOptions>(MakePoolTable());
  return *table;
}

void FinishPools(const Node& root, const std::string& path,
                 const std::string& zone, std::vector<PoolOptions>& pools,
                 Problems& problems) {
  for (size_t i = 0; i < pools.size(); ++i) {
    if (pools[i].zone.empty()) pools[i].zone = zone;
    HealthOptions& health = pools[i].health;
    const std::string timeout = absl::StrCat(path, "[", i, "].health.timeout");
    if (Find(root, timeout) == nullptr) {
      health.timeout = std::min(health.timeout, health.every);
    }
  }
  CheckNamedItems(root, path, pools, pool::Validate, problems);
}

}  // namespace outrigger::config
