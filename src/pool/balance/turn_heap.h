// Endpoints in the order of their turns: by weight alone, or among those with
// the least load.
//
// A turn is a time that only the order has: each choice moves the chosen one's
// by 1/weight, and the earliest is next (earliest deadline first; the first
// turns are half a step from the start, as in Webster's method). So choices are
// spread as evenly as by nginx's smooth weighted round robin, which looks at
// all endpoints for each choice; this looks at about log4 of them.
#ifndef OUTRIGGER_POOL_BALANCE_TURN_HEAP_H_
#define OUTRIGGER_POOL_BALANCE_TURN_HEAP_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pool/balance/balancer.h"

namespace outrigger::pool {

// What is known of each seat's turn; heaps that share the seats out among them
// share one.
struct TurnTable {
  static constexpr uint16_t kNowhere = UINT16_MAX;
  struct Place {
    EndpointId id = kNoEndpoint;
    uint64_t at = 0;    // wraps around; while in a heap that knows better
    uint64_t step = 0;  // 1/weight
  };
  std::vector<Place> places = std::vector<Place>(kSeats);
  // Where in a heap. By itself: a choice writes many of these.
  std::vector<uint16_t> in_heap = std::vector<uint16_t>(kSeats, kNowhere);
};

class TurnHeap {
 public:
  enum class By : uint8_t { kTurn, kLoad };

  // `table` must outlive it.
  TurnHeap(By by, TurnTable& table) : by_(by), table_(table) {}

  // REQUIRES: no other heap that has the table has one of the candidates.
  void Reset(absl::Span<const Candidate> candidates);
  // Everyone leaves.
  void Clear();
  // The next one's turn is over then. REQUIRES: there is one not to be avoided.
  Seat Choose(const Question& question);
  // REQUIRES: `seat` is in this heap.
  void SetUse(Seat seat, uint32_t in_use);

  bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    uint64_t load;  // leases * step; 0 if by turn
    uint64_t at;
    Seat seat;
    uint16_t order;  // in the configuration
  };

  static bool Before(const Entry& a, const Entry& b);
  static uint64_t StepOf(double weight);
  void Welcome(absl::Span<const Candidate> candidates);
  size_t BestFrom(size_t at, const Question& question) const;
  void Put(size_t at, const Entry& entry);
  void SiftUp(size_t at);
  void SiftDown(size_t at);
  // The first one, by turn, of those just below; SIZE_MAX: there is none.
  size_t BestBelow(size_t at) const;

  const By by_;
  TurnTable& table_;
  uint64_t now_ = 0;  // the latest turn that was taken
  std::vector<Entry> entries_;
};

}  // namespace outrigger::pool

#endif  // OUTRIGGER_POOL_BALANCE_TURN_HEAP_H_
