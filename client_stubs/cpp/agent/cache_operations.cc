#include <map>
#include <optional>
#include <string>

#include "absl/strings/cord.h"
#include "agent.h"

namespace agent {
namespace {

namespace oc = outrigger::client;

oc::LoadOptions OptionsOf(const Arguments& arguments) {
  oc::LoadOptions options{.ttl = arguments.Time("ttl_ms"),
                          .stale_for = arguments.Time("stale_for_ms"),
                          .tags = arguments.List("tags")};
  if (const auto max_wait = arguments.Time("max_wait_ms")) {
    options.max_wait = *max_wait;
  }
  return options;
}

oc::Cache CacheOf(Agent& agent, const Arguments& arguments) {
  return agent.client()->cache(arguments.Text("namespace"));
}

Agent::Answer GetOrLoad(Agent& agent, const Arguments& arguments) {
  const std::string name_space = arguments.Text("namespace");
  const std::string key = arguments.Text("key");
  const auto loader = [&agent, name_space, key,
                       says = arguments.Object("loader")]()
      -> absl::StatusOr<std::optional<std::string>> {
    agent.CountLoad(name_space, key);
    agent.WaitFor(says.Text("hold"));
    if (says.Has("error")) {
      absl::Status error = absl::UnknownError(says.Text("error"));
      error.SetPayload(kLoader, absl::Cord());
      return error;
    }
    if (says.Flag("absent")) return std::nullopt;
    return says.Text("value");
  };
  const absl::StatusOr<oc::Cached<std::string>> cached =
      CacheOf(agent, arguments)
          .GetOrLoad<std::string>(key, loader, OptionsOf(arguments));
  if (!cached.ok()) return cached.status();
  Struct result;
  auto& fields = *result.mutable_fields();
  fields["value"] = cached->value ? Text(*cached->value) : Null();
  fields["loaded"] = Flag(cached->loaded);
  fields["source"] = Text(oc::SourceName(cached->source));
  return result;
}

Agent::Answer GetOrLoadMany(Agent& agent, const Arguments& arguments) {
  const auto loader = [says = arguments.Object("loader").Map("values")](
                          const std::vector<std::string>& keys) {
    std::map<std::string, std::string> values;
    for (const std::string& key : keys) {
      const auto found = says.find(key);
      if (found != says.end()) values.insert(*found);
    }
    return values;
  };
  const absl::StatusOr<oc::CachedMany<std::string>> cached =
      CacheOf(agent, arguments)
          .GetOrLoadMany<std::string>(arguments.List("keys"), loader,
                                      OptionsOf(arguments));
  if (!cached.ok()) return cached.status();
  Struct values;
  for (const auto& [key, value] : cached->values) {
    (*values.mutable_fields())[key] = value ? Text(*value) : Null();
  }
  std::vector<Value> loaded;
  for (const std::string& key : cached->loaded) loaded.push_back(Text(key));
  Struct result;
  (*result.mutable_fields())["values"] = Object(values);
  (*result.mutable_fields())["loaded"] = List(loaded);
  return result;
}

Agent::Answer Unhold(Agent& agent, const Arguments& arguments) {
  agent.Unhold(arguments.Text("hold"));
  return Struct();
}

Agent::Answer Loads(Agent& agent, const Arguments& arguments) {
  Struct result;
  (*result.mutable_fields())["count"] =
      Number(agent.Loads(arguments.Text("namespace"), arguments.Text("key")));
  return result;
}

Agent::Answer Get(Agent& agent, const Arguments& arguments) {
  const absl::StatusOr<oc::Cached<std::string>> cached =
      CacheOf(agent, arguments).Get<std::string>(arguments.Text("key"));
  if (!cached.ok()) return cached.status();
  Struct result;
  auto& fields = *result.mutable_fields();
  fields["found"] = Flag(cached->value.has_value());
  fields["value"] = cached->value ? Text(*cached->value) : Null();
  return result;
}

Agent::Answer Set(Agent& agent, const Arguments& arguments) {
  const absl::StatusOr<oc::Stored> stored =
      CacheOf(agent, arguments)
          .Set<std::string>(arguments.Text("key"), arguments.Text("value"),
                            {.ttl = arguments.Time("ttl_ms"),
                             .stale_for = arguments.Time("stale_for_ms"),
                             .tags = arguments.List("tags")});
  if (!stored.ok()) return stored.status();
  Struct result;
  (*result.mutable_fields())["stored"] = Flag(stored->stored);
  (*result.mutable_fields())["source"] = Text(oc::SourceName(stored->source));
  return result;
}

Agent::Answer Delete(Agent& agent, const Arguments& arguments) {
  const absl::StatusOr<oc::Deleted> deleted =
      CacheOf(agent, arguments).Delete(arguments.Text("key"));
  if (!deleted.ok()) return deleted.status();
  Struct result;
  (*result.mutable_fields())["deleted"] = Flag(deleted->deleted);
  return result;
}

Agent::Answer Invalidate(Agent& agent, const Arguments& arguments) {
  const absl::StatusOr<oc::Source> source =
      CacheOf(agent, arguments)
          .Invalidate({.keys = arguments.List("keys"),
                       .tags = arguments.List("tags"),
                       .glob = arguments.Text("glob"),
                       .soft = arguments.Flag("soft")});
  if (!source.ok()) return source.status();
  return Struct();
}

}  // namespace

const Operations& CacheOperations() {
  static const auto* const operations = new Operations{
      {"get_or_load", GetOrLoad}, {"get_or_load_many", GetOrLoadMany},
      {"unhold", Unhold},         {"loads", Loads},
      {"cache_get", Get},         {"cache_set", Set},
      {"cache_delete", Delete},   {"cache_invalidate", Invalidate},
  };
  return *operations;
}

}  // namespace agent
