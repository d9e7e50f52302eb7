#include "config/well_known.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace outrigger::config {
namespace {

// A part takes its line away when it lands.
struct Later {
  const char* variable;
  const char* part;
};

constexpr Later kLater[] = {
    {"CACHE_MAX_SIZE", "cache"},
    {"CACHE_DEFAULT_TTL", "cache"},
    {"CACHE_COMPRESSION_ENABLED", "cache"},
    {"CACHE_COMPRESSION_THRESHOLD", "cache"},
    {"CACHE_EVICTION_POLICY", "cache"},
    {"CIRCUIT_BREAKER_FAILURE_THRESHOLD", "breaker"},
    {"CIRCUIT_BREAKER_RECOVERY_TIMEOUT", "breaker"},
    {"CIRCUIT_BREAKER_HALF_OPEN_MAX_CALLS", "breaker"},
    {"CONNECTION_POOL_MAX_CONNECTIONS", "pool"},
    {"CONNECTION_POOL_TIMEOUT", "pool"},
    {"CONNECTION_POOL_RETRY_ATTEMPTS", "pool"},
};

// The value, or null if it is unset or empty.
const std::string* Get(const Environment& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() || found->second.empty() ? nullptr
                                                             : &found->second;
}

// The limit of that name; null if there is none.
Node* FindLimit(Node& root, absl::string_view name) {
  auto* limits = const_cast<Node*>(Find(root, "limits"));
  if (limits == nullptr || limits->kind != Node::Kind::kList) return nullptr;
  for (Node& limit : limits->children) {
    const Node* its_name = Find(limit, "name");
    if (its_name != nullptr && its_name->text == name) return &limit;
  }
  return nullptr;
}

// The limit of that name, made if there is none; null if `limits` is no list.
Node* FindOrAddLimit(Node& root, absl::string_view name, const Place& place) {
  if (Node* limit = FindLimit(root, name)) return limit;
  if (Find(root, "limits") == nullptr) {
    Put(root, "limits", Node::List({}, place));
  }
  auto* limits = const_cast<Node*>(Find(root, "limits"));
  if (limits == nullptr || limits->kind != Node::Kind::kList) return nullptr;
  Node& limit = limits->children.emplace_back();
  limit.place = place;
  Put(limit, "name", Node::Scalar(name, place));
  return &limit;
}

void PutBurst(const std::string* burst, Node& limit) {
  if (burst == nullptr) return;
  Put(limit, "burst",
      Node::Scalar(*burst, Place{.variable = "RATE_LIMIT_BURST_SIZE"}));
}

void PutRate(const char* variable, absl::string_view name,
             absl::string_view rate, const std::string* burst, Node& root) {
  const Place place{.variable = variable};
  Node* limit = FindOrAddLimit(root, name, place);
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
  if (Node* limit = FindLimit(root, "default")) {
    PutBurst(burst, *limit);
  } else {
    problems.Warn(Place{.variable = "RATE_LIMIT_BURST_SIZE"}, "",
                  absl::StrCat("has no effect without ", kMinute, " or ",
                               kSecond, " or a limit named default"));
  }
}

}  // namespace

void OverlayWellKnown(const Environment& environment, Node& root,
                      Problems& problems) {
  OverlayRates(environment, root, problems);
  for (const Later& later : kLater) {
    if (Get(environment, later.variable) == nullptr) continue;
    problems.Warn(Place{.variable = later.variable}, "",
                  absl::StrCat("has no effect: the ", later.part,
                               " is not in this release"));
  }
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
