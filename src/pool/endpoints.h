// The endpoints of one pool: which of them can be used, and which one is next.
//
// Not thread-safe, and knows no time but the one given: coord holds a lock
// around it. Choosing costs no allocation and at most about log(endpoints);
// after a change of who is there or can be used the first choice works that out
// anew, which costs about 50 ns an endpoint (300 with kSticky).
//
// Who can be chosen: endpoints of the role asked for, and those without a role.
// Of these, those that are healthy or not checked yet; backups only if no other
// is. If fewer than `panic` of them are: all but those that are overloaded, and
// the answer says so; if none is and there are backups that are, these instead.
// Ejected ones (pool/health/outlier.h) stay so for their time, whatever their
// checks say.
//
// Shards (Role::kShard) are another matter, whatever `balance` is: a key's data
// is on one of them, which a consistent hash of the keys, by the shards'
// addresses and weights alone, names in all pods. If that one cannot be used
// the answer is none, never another; only in panic it is named all the same.
#ifndef OUTRIGGER_POOL_ENDPOINTS_H_
#define OUTRIGGER_POOL_ENDPOINTS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/clock.h"
#include "pool/options.h"

namespace outrigger::pool {

// Names an endpoint for as long as it is configured (or resolved) or in use; a
// name is never used again.
using EndpointId = uint64_t;
inline constexpr EndpointId kNoEndpoint = 0;

enum class Outcome : uint8_t { kIgnored, kSuccess, kFailure };

enum class EndpointHealth : uint8_t {
  kHealthy,
  kUnhealthy,
  kEjected,
  kOverloaded,
  kUnknown,  // has a check, and no result yet; can be used
};

struct ChoiceQuery {
  // kAny: endpoints of all roles.
  Role role = Role::kAny;
  // Views must live until the call returns. Empty: with kSticky two at random
  // are compared; with kShard there is no answer.
  absl::string_view session_key;
  // Addresses that are chosen only if all others would be backups, or cannot be
  // used. Shards are chosen all the same.
  absl::Span<const absl::string_view> avoid;
  // Uniform, for the choices that need it.
  uint64_t random = 0;
};

struct Choice {
  // kNoEndpoint: none can be used.
  EndpointId id = kNoEndpoint;
  bool panic = false;
};

struct EndpointLoad {
  std::optional<double> cpu;
  std::optional<double> memory;
  std::optional<double> requests_per_second;
};

// Of one endpoint. `options.address` is its own, also if it came from DNS.
struct EndpointView {
  EndpointId id = kNoEndpoint;
  EndpointOptions options;
  double effective_weight = 0;
  EndpointHealth health = EndpointHealth::kHealthy;
  std::string message;  // why not healthy
  Duration ejected_for{};
  uint32_t in_use = 0;
  uint64_t successes = 0;
  uint64_t failures = 0;
};

class Endpoints {
 public:
  // REQUIRES: valid options, here and in Update.
  Endpoints(const PoolOptions& options, MonotonicTime now);
  ~Endpoints();

  // Endpoints whose address and DNS name stay keep their state. Those that come
  // now, and did not come with their DNS name's first addresses, start slowly.
  void Update(const PoolOptions& options, MonotonicTime now);
  // What `dns` (EndpointOptions::dns) resolves to now: "host:port", each once.
  // At most kMaxEndpoints in all are kept, those that were there already before
  // others; false: some were left out. An unknown name changes nothing.
  bool SetAddresses(absl::string_view dns, std::vector<std::string> addresses,
                    MonotonicTime now);

  // None configured: the pool only caps.
  bool empty() const;

  // Chooses one and counts nothing.
  Choice Choose(const ChoiceQuery& query, MonotonicTime now);
  // A lease on it begins and ends. Unknown ids are ignored.
  void Begin(EndpointId id);
  void End(EndpointId id, Outcome outcome, MonotonicTime now);

  // A health check's result, for all endpoints with that address. False: no
  // such endpoint.
  bool OnCheck(absl::string_view address, bool passed,
               const std::string& message, MonotonicTime now);
  bool OnLoad(absl::string_view address, const EndpointLoad& load,
              MonotonicTime now);

  // Null: neither there any more nor in use. Valid until the next call that is
  // not const.
  const EndpointOptions* Find(EndpointId id) const;
  // When the next one becomes usable by itself (an ejection ends, a load report
  // lapses). max(): none does.
  MonotonicTime next_change(MonotonicTime now) const;
  // In the order of the configuration; those of a DNS name by address.
  std::vector<EndpointView> View(MonotonicTime now) const;

  // How often endpoints were ejected since the start.
  uint64_t ejections() const;

 private:
  class Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace outrigger::pool

#endif  // OUTRIGGER_POOL_ENDPOINTS_H_
