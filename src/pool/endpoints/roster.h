// Who the endpoints are: those configured, those that DNS names stand for, and
// those that have gone but are in use still.
#ifndef OUTRIGGER_POOL_ENDPOINTS_ROSTER_H_
#define OUTRIGGER_POOL_ENDPOINTS_ROSTER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "pool/balance/balancer.h"
#include "pool/endpoints/endpoint.h"

namespace outrigger::pool {

class Roster {
 public:
  // Those whose address and DNS name stay keep all they have. False: there are
  // more than kMaxEndpoints, and some of DNS were left out.
  bool Configure(const std::vector<EndpointOptions>& configured,
                 MonotonicTime now);
  // As Endpoints::SetAddresses.
  bool Resolve(absl::string_view dns, std::vector<std::string> addresses,
               MonotonicTime now);

  // In the order of the configuration; those of a DNS name by address.
  const std::vector<Endpoint*>& live() const { return live_; }
  Endpoint& at(Seat seat) const { return *seats_[seat]; }
  static Seat SeatOf(EndpointId id) { return static_cast<Seat>(id % kSeats); }
  bool IsLive(EndpointId id) const;
  // Live, or gone and in use. Null: neither.
  Endpoint* Find(EndpointId id) const;
  // Of all live ones with this address; empty: there are none.
  const std::vector<Seat>& SeatsOf(absl::string_view address) const;
  // One that has gone is not in use any more.
  void Forget(EndpointId id) { leaving_.erase(id); }

 private:
  // DNS name (may be empty) and address.
  using Key = std::pair<std::string, std::string>;
  struct Wanted {
    const EndpointOptions* configured;
    Key key;
    bool fresh;  // has no endpoint yet
    Seat seat;   // if not
  };
  using Addresses = absl::flat_hash_map<std::string, std::vector<std::string>>;

  bool Assign(const Addresses& addresses, MonotonicTime now);
  Addresses Resolved() const;
  std::vector<Wanted> Want(const Addresses& addresses) const;
  void Leave(const std::vector<Wanted>& wanted);
  Endpoint& Add(const Wanted& wanted, MonotonicTime now);

  std::vector<EndpointOptions> configured_;
  std::array<std::unique_ptr<Endpoint>, kSeats> seats_;
  std::vector<Endpoint*> live_;
  absl::flat_hash_map<std::string, std::vector<Seat>> by_address_;
  absl::flat_hash_map<EndpointId, std::unique_ptr<Endpoint>> leaving_;
  // Names that have been resolved: what is new there has come up just now.
  absl::flat_hash_set<std::string> resolved_;
  bool started_ = false;
  uint64_t last_serial_ = 0;
};

}  // namespace outrigger::pool

#endif  // OUTRIGGER_POOL_ENDPOINTS_ROSTER_H_
