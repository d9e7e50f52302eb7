// Those who wait for a slot of one pool, in the order in which they came.
#ifndef OUTRIGGER_COORD_POOL_WAITERS_H_
#define OUTRIGGER_COORD_POOL_WAITERS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "coord/pool/pools.h"

namespace outrigger::coord {

struct Waiter {
  Pools::Ticket ticket = 0;
  // Of the query, but its views, which are kept here.
  SlotQuery query;
  std::string session_key;
  std::vector<std::string> avoid;
  MonotonicTime since{};
  MonotonicTime until{};
  // By Waiters: how many requests had been sent when it came.
  uint64_t asks_before = 0;
  Pools::AcquireDone done;
};

// Not thread-safe. Tickets grow, so their order is that of arrival.
class Waiters {
 public:
  void Add(Waiter waiter);
  std::optional<Waiter> Remove(Pools::Ticket ticket);
  // The one who came first. REQUIRES: not empty.
  const Waiter& front() const { return by_ticket_.begin()->second; }
  Waiter PopFront();

  // All who wait are asked for in a request that is sent now; at most `most`
  // times of waiting, the longest first.
  std::vector<int64_t> Ask(MonotonicTime now, size_t most);
  // A request has been answered. Those who only wanted to ask, and were asked
  // for so often, are removed.
  std::vector<Waiter> TakeAnswered(uint64_t asked);
  // Removes those whose time is up.
  std::vector<Waiter> TakeExpired(MonotonicTime now);
  std::vector<Waiter> TakeAll();

  // max(): nobody's.
  MonotonicTime next_deadline() const {
    return deadlines_.empty() ? MonotonicTime::max()
                              : deadlines_.begin()->first;
  }
  // Somebody came since the last Ask.
  bool any_unasked() const {
    return !by_ticket_.empty() &&
           by_ticket_.rbegin()->second.asks_before == asks_;
  }
  bool empty() const { return by_ticket_.empty(); }
  size_t size() const { return by_ticket_.size(); }

 private:
  Waiter Take(std::map<Pools::Ticket, Waiter>::iterator it);

  std::map<Pools::Ticket, Waiter> by_ticket_;
  // Of those who wait for a while; who only asks is done with the answer.
  std::set<std::pair<MonotonicTime, Pools::Ticket>> deadlines_;
  std::set<Pools::Ticket> only_ask_;
  uint64_t asks_ = 0;
};

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_POOL_WAITERS_H_
