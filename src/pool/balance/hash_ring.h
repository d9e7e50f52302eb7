// Endpoints on a ring of hashes: a key is that endpoint's whose point comes
// next after the key's own hash (Karger et al., "Consistent Hashing and Random
// Trees", STOC 1997). If an endpoint leaves, its keys go to others and no other
// key moves; if it comes back so do they.
//
// Where points are depends on names and weights alone, so all pods agree.
#ifndef OUTRIGGER_POOL_BALANCE_HASH_RING_H_
#define OUTRIGGER_POOL_BALANCE_HASH_RING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "pool/balance/balancer.h"

namespace outrigger::pool {

// Of an endpoint of middling weight. Shares are then within about a tenth.
inline constexpr uint32_t kPointsOfOne = 128;
// An endpoint of more than so many times the middling weight counts as one of
// that.
inline constexpr uint32_t kMostTimesPoints = 16;

class HashRing {
 public:
  struct Member {
    Seat seat = 0;
    EndpointId id = kNoEndpoint;
    std::string name;  // in all pods the same
    uint32_t points = 0;
  };

  // `unit` is the weight of kPointsOfOne. At least 1.
  static uint32_t PointsOf(double weight, double unit);

  // From now on. Costs a sort of the points of those that are new, and a merge.
  void Assign(absl::Span<const Member> members);
  // The ring that is left if only these stay.
  HashRing Only(const SeatSet& seats) const;

  bool empty() const { return points_.empty(); }
  // REQUIRES: not empty. Not one of `avoid` (null: none) if there is another.
  Seat Find(absl::string_view key, const SeatSet* avoid) const;

 private:
  struct Known {
    EndpointId id = kNoEndpoint;
    uint32_t points = 0;
    bool operator==(const Known&) const = default;
  };

  void SetReach();
  size_t FirstFrom(uint64_t hash) const;

  // A hash in the upper bits, and the seat in the lower 16, so that a step of
  // the search looks at one word. Sorted.
  std::vector<uint64_t> points_;
  // How far a hash's place is from where it should be, mostly.
  size_t reach_ = 0;
  // By seat; empty in what Only() made.
  std::vector<Known> known_;
};

}  // namespace outrigger::pool

#endif  // OUTRIGGER_POOL_BALANCE_HASH_RING_H_
