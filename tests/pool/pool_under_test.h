// A pool's endpoints, spoken to by letters: "a" stands for the address "a:1".
#ifndef OUTRIGGER_TESTS_POOL_POOL_UNDER_TEST_H_
#define OUTRIGGER_TESTS_POOL_POOL_UNDER_TEST_H_

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "pool/endpoints.h"

namespace outrigger::pool {

inline EndpointOptions Static(std::string letter, double weight = 1) {
  EndpointOptions endpoint;
  endpoint.address = std::move(letter) + ":1";
  endpoint.weight = weight;
  return endpoint;
}

inline EndpointOptions Dns(std::string name) {
  EndpointOptions endpoint;
  endpoint.dns = std::move(name);
  return endpoint;
}

// In turn, checked by TCP, where the first result decides and so does each one
// after; no panic.
inline PoolOptions Plain(std::vector<EndpointOptions> endpoints) {
  PoolOptions options;
  options.name = "pool";
  options.balance = Balance::kRoundRobin;
  options.endpoints = std::move(endpoints);
  options.health.check = Check::kTcp;
  options.health.rise = options.health.fall = 1;
  options.health.panic = 0;
  return options;
}

class PoolUnderTest {
 public:
  explicit PoolUnderTest(PoolOptions options)
      : options_(std::move(options)),
        endpoints_(options_, MonotonicTime(std::chrono::hours(1))) {}

  Endpoints& endpoints() { return endpoints_; }
  PoolOptions& options() { return options_; }
  MonotonicTime now() const { return now_; }
  void Wait(Duration for_how_long) { now_ += for_how_long; }
  // What was changed in options() holds.
  void Update() { endpoints_.Update(options_, now_); }
  bool Resolve(const std::string& dns, std::vector<std::string> addresses) {
    return endpoints_.SetAddresses(dns, std::move(addresses), now_);
  }

  Choice Choose(Role role = Role::kAny, const std::string& key = "",
                std::vector<absl::string_view> avoid = {}) {
    ChoiceQuery query;
    query.role = role;
    query.session_key = key;
    query.avoid = avoid;
    query.random = random_();
    return endpoints_.Choose(query, now_);
  }
  // The letter; in panic with '!'; "-": none.
  std::string Next(Role role = Role::kAny, const std::string& key = "",
                   std::vector<absl::string_view> avoid = {}) {
    const Choice choice = Choose(role, key, std::move(avoid));
    if (choice.id == kNoEndpoint) return "-";
    const std::string& address = endpoints_.Find(choice.id)->address;
    return address.substr(0, address.find(':')) + (choice.panic ? "!" : "");
  }
  std::string Order(int many, Role role = Role::kAny) {
    std::string order;
    while (many-- > 0) order += Next(role);
    return order;
  }
  std::map<std::string, int> Counts(int many, Role role = Role::kAny) {
    std::map<std::string, int> counts;
    while (many-- > 0) ++counts[Next(role)];
    return counts;
  }

  // Each letter's check.
  void Pass(const std::string& letters) { Check(letters, true); }
  void Fail(const std::string& letters) { Check(letters, false); }
  void Load(const std::string& letter, double cpu) {
    EndpointLoad load;
    load.cpu = cpu;
    endpoints_.OnLoad(letter + ":1", load, now_);
  }
  // Calls to it end so: '+' success, '-' failure.
  void Call(const std::string& letter, const std::string& outcomes) {
    const EndpointId id = View(letter).id;
    for (const char outcome : outcomes) {
      endpoints_.Begin(id);
      endpoints_.End(id, outcome == '+' ? Outcome::kSuccess : Outcome::kFailure,
                     now_);
    }
  }

  EndpointView View(const std::string& letter) const {
    for (EndpointView& view : endpoints_.View(now_)) {
      if (view.options.address == letter + ":1") return std::move(view);
    }
    return {};
  }
  EndpointHealth Health(const std::string& letter) const {
    return View(letter).health;
  }

 private:
  void Check(const std::string& letters, bool passed) {
    for (const char letter : letters) {
      endpoints_.OnCheck(std::string(1, letter) + ":1", passed,
                         passed ? "" : "refused", now_);
    }
  }

  PoolOptions options_;
  MonotonicTime now_ = MonotonicTime(std::chrono::hours(1));
  Endpoints endpoints_;
  std::mt19937_64 random_{1};
};

}  // namespace outrigger::pool

#endif  // OUTRIGGER_TESTS_POOL_POOL_UNDER_TEST_H_
