// Which of the endpoints that can be used is next. One for each way to balance,
// and for each role that is asked for.
//
// Endpoints are known by their seats: small numbers, which are used again when
// an endpoint has gone. Not thread-safe. Choosing allocates nothing.
#ifndef OUTRIGGER_POOL_BALANCE_BALANCER_H_
#define OUTRIGGER_POOL_BALANCE_BALANCER_H_

#include <bitset>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "pool/endpoints.h"

namespace outrigger::pool {

class HashRing;

using Seat = uint16_t;
// A power of two, for the sake of ids.
inline constexpr size_t kSeats = 1024;
static_assert(kSeats >= kMaxEndpoints);
using SeatSet = std::bitset<kSeats>;

struct Candidate {
  Seat seat = 0;
  EndpointId id = kNoEndpoint;  // whose seat it is
  double weight = 1;            // what slow start leaves of it; > 0
  uint32_t in_use = 0;
  absl::string_view zone;  // valid until Reset has returned
};

// What there is to choose from.
struct Field {
  // In the order of the configuration; not empty.
  absl::Span<const Candidate> candidates;
  // The names of the zones that have endpoints, usable or not; each once. Only
  // for kZoneAware.
  absl::Span<const absl::string_view> zones;
  bool panic = false;
};

struct Question {
  absl::string_view session_key;
  uint64_t random = 0;
  // Not to be chosen; null: none. Never all of the candidates.
  const SeatSet* avoid = nullptr;

  bool Avoids(Seat seat) const { return avoid != nullptr && avoid->test(seat); }
};

class Balancer {
 public:
  virtual ~Balancer() = default;
  // From now on. Candidates that stay keep their turns.
  virtual void Reset(const Field& field) = 0;
  // REQUIRES: Reset was called.
  virtual Seat Choose(const Question& question) = 0;
  // Leases on it began or ended. Also of others than the candidates.
  virtual void OnUse(Seat seat, uint32_t in_use) = 0;
};

// `zone` is the pod's own. `ring` (for kSticky) has all endpoints of the pool,
// is kept by the caller, and must outlive it.
std::unique_ptr<Balancer> MakeBalancer(Balance balance, std::string zone,
                                       const HashRing& ring);

}  // namespace outrigger::pool

#endif  // OUTRIGGER_POOL_BALANCE_BALANCER_H_
