#include "config/well_known.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace outrigger::config {
namespace {

// A variable that is an option of each entry of a list.
struct ItemVariable {
  const char* variable;
  const char* list;
  const char* option;
  // A bare number is so many of these.
  const char* unit;
};

constexpr ItemVariable kItemVariables[] = {
    {"CIRCUIT_BREAKER_FAILURE_THRESHOLD", "breakers", "consecutive_failures",
     ""},
    {"CIRCUIT_BREAKER_RECOVERY_TIMEOUT", "breakers", "open_for", "s"},
    {"CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS", "breakers", "half_open_probes", ""},
    {"CONNECTION_POOL_MAX_CONNECTIONS", "pools", "max_connections", ""},
    {"CONNECTION_POOL_TIMEOUT", "pools", "acquire_timeout", "s"},
    {"CONNECTION_POOL_RETRY_ATTEMPTS", "pools", "retry_attempts", ""},
};

constexpr char kSpaces[] = "cache.namespaces";

// The value, or null if it is unset or empty.
const std::string* Get(const Environment& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() || found->second.empty() ? nullptr
                                                             : &found->second;
}

// The entry of that name in the list at `path`; null if there is none.
Node* FindEntry(Node& root, absl::string_view path, absl::string_view name) {
  auto* list = const_cast<Node*>(Find(root, path));
  if (list == nullptr || list->kind != Node::Kind::kList) return nullptr;
  for (Node& entry : list->children) {
    const Node* its_name = Find(entry, "name");
    if (its_name != nullptr && its_name->text == name) return &entry;
  }
  return nullptr;
}

// The same, made if there is none; null if what is at `path` is no list.
Node* FindOrAddEntry(Node& root, absl::string_view path, absl::string_view name,
                     const Place& place) {
  if (Node* entry = FindEntry(root, path, name)) return entry;
  if (Find(root, path) == nullptr) Put(root, path, Node::List({}, place));
  auto* list = const_cast<Node*>(Find(root, path));
  if (list == nullptr || list->kind != Node::Kind::kList) return nullptr;
  Node& entry = list->children.emplace_back();
  entry.place = place;
  Put(entry, "name", Node::Scalar(name, place));
  return &entry;
}

void PutBurst(const std::string* burst, Node& limit) {
  if (burst == nullptr) return;
  Put(limit, "burst",
      Node::Scalar(*burst, Place{.variable = "RATE_LIMIT_BURST_SIZE"}));
}

void PutRate(const char* variable, absl::string_view name,
             absl::string_view rate, const std::string* burst, Node& root) {
  const Place place{.variable = variable};
  Node* limit = FindOrAddEntry(root, "limits", name, place);
  if (limit == nullptr) return;
  Put(*limit, "rate", Node::Scalar(rate, place));
  PutBurst(burst, *limit);
}

void OverlayRates(const Environment& environment, Node& root,
                  Problems& problems) {
  constexpr char kMinute[] = "RATE_LIMIT_REQUESTS_PER_MINUTE";
  constexpr char kSecond[] = "RATE_LIMIT_PER_SECOND";
  const std::string* per_minute = Get(environment, kMinute);
  const std::string* per_second = Get(environment, kSecond);
  const std::string* burst = Get(environment, "RATE_LIMIT_BURST_SIZE");
  const bool both = per_minute != nullptr && per_second != nullptr;
  if (per_minute != nullptr) {
    PutRate(kMinute, both ? "default_per_minute" : "default",
            absl::StrCat(*per_minute, "/1m"), burst, root);
  }
  if (per_second != nullptr) {
    PutRate(kSecond, both ? "default_per_second" : "default",
            absl::StrCat(*per_second, "/1s"), burst, root);
  }
  if (burst == nullptr || per_minute != nullptr || per_second != nullptr) {
    return;
  }
  if (Node* limit = FindEntry(root, "limits", "default")) {
    PutBurst(burst, *limit);
  } else {
    problems.Warn(Place{.variable = "RATE_LIMIT_BURST_SIZE"}, "",
                  absl::StrCat("has no effect without ", kMinute, " or ",
                               kSecond, " or a limit named default"));
  }
}

bool IsNumber(absl::string_view text) {
  return absl::c_all_of(
      text, [](char c) { return absl::ascii_isdigit(c) || c == '.'; });
}

// Puts the variable's value, as the option has it, into the cache's namespace
// `default`.
void PutIntoCache(const char* variable, absl::string_view option,
                  absl::string_view value, Node& root) {
  const Place place{.variable = variable};
  Node* space = FindOrAddEntry(root, kSpaces, "default", place);
  if (space != nullptr) Put(*space, option, Node::Scalar(value, place));
}

void OverlayCompression(const Environment& environment, Node& root,
                        Problems& problems) {
  constexpr char kEnabled[] = "CACHE_COMPRESSION_ENABLED";
  constexpr char kThreshold[] = "CACHE_COMPRESSION_THRESHOLD";
  constexpr char kOption[] = "compress_over";
  if (const std::string* bytes = Get(environment, kThreshold)) {
    PutIntoCache(kThreshold, kOption,
                 IsNumber(*bytes) ? absl::StrCat(*bytes, "B") : *bytes, root);
  }
  const std::string* value = Get(environment, kEnabled);
  if (value == nullptr) return;
  bool enabled = false;
  if (!absl::SimpleAtob(*value, &enabled)) {
    problems.Error(Place{.variable = kEnabled}, "",
                   absl::StrCat(Quote(*value), " is not true or false"));
  } else if (!enabled) {
    PutIntoCache(kEnabled, kOption, "off", root);
  } else if (Node* space = FindEntry(root, kSpaces, "default")) {
    const Node* set = Find(*space, kOption);
    if (set != nullptr && set->text == "off") Remove(*space, kOption);
  }
}

void OverlayCache(const Environment& environment, Node& root,
                  Problems& problems) {
  constexpr char kSize[] = "CACHE_MAX_SIZE";
  constexpr char kTtl[] = "CACHE_DEFAULT_TTL";
  constexpr char kPolicy[] = "CACHE_EVICTION_POLICY";
  if (const std::string* entries = Get(environment, kSize)) {
    PutIntoCache(kSize, "max_entries", *entries, root);
  }
  if (const std::string* ttl = Get(environment, kTtl)) {
    PutIntoCache(kTtl, "ttl", IsNumber(*ttl) ? absl::StrCat(*ttl, "s") : *ttl,
                 root);
  }
  if (const std::string* policy = Get(environment, kPolicy)) {
    PutIntoCache(kPolicy, "policy", absl::AsciiStrToLower(*policy), root);
  }
  OverlayCompression(environment, root, problems);
}

// Where nothing else says it; and if there is no entry, into a new one.
void PutIntoItems(const ItemVariable& each, absl::string_view value,
                  Node& root) {
  const Place place{.variable = each.variable};
  auto* list = const_cast<Node*>(Find(root, each.list));
  if (list == nullptr ||
      (list->kind == Node::Kind::kList && list->children.empty())) {
    FindOrAddEntry(root, each.list, "default", place);
    list = const_cast<Node*>(Find(root, each.list));
  }
  if (list->kind != Node::Kind::kList) return;
  const Node scalar = Node::Scalar(
      IsNumber(value) ? absl::StrCat(value, each.unit) : value, place);
  for (Node& item : list->children) {
    if (Find(item, each.option) == nullptr) Put(item, each.option, scalar);
  }
}

void OverlayItems(const Environment& environment, Node& root) {
  for (const ItemVariable& each : kItemVariables) {
    const std::string* value = Get(environment, each.variable);
    if (value != nullptr) PutIntoItems(each, *value, root);
  }
}

}  // namespace

void OverlayWellKnown(const Environment& environment, Node& root,
                      Problems& problems) {
  OverlayRates(environment, root, problems);
  OverlayCache(environment, root, problems);
  OverlayItems(environment, root);
}

void OverlayRedisSwitch(const Environment& environment, Node& root,
                        Problems& problems) {
  constexpr char kVariable[] = "RATE_LIMIT_USE_REDIS";
  const std::string* value = Get(environment, kVariable);
  if (value == nullptr) return;
  const Place place{.variable = kVariable};
  const std::string word = absl::AsciiStrToLower(*value);
  if (word == "false" || word == "0") {
    Remove(root, "store.redis");
  } else if (word == "true" || word == "1") {
    if (Find(root, "store.redis") != nullptr) return;
    Node redis = Node::Map();
    redis.place = place;
    Put(root, "store.redis", std::move(redis));
  } else {
    problems.Error(place, "",
                   absl::StrCat(Quote(*value), " is not true or false"));
  }
}

}  // namespace outrigger::config
