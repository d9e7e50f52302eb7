#include "coord/pool/waiters.h"

#include <utility>

namespace outrigger::coord {

void Waiters::Add(Waiter waiter) {
  const Pools::Ticket ticket = waiter.ticket;
  if (waiter.until > waiter.since) deadlines_.emplace(waiter.until, ticket);
  if (waiter.asked == 0) ++unasked_;
  by_ticket_.emplace(ticket, std::move(waiter));
}

Waiter Waiters::Take(std::map<Pools::Ticket, Waiter>::iterator it) {
  Waiter waiter = std::move(it->second);
  by_ticket_.erase(it);
  deadlines_.erase({waiter.until, waiter.ticket});
  if (waiter.asked == 0) --unasked_;
  return waiter;
}

std::optional<Waiter> Waiters::Remove(Pools::Ticket ticket) {
  const auto it = by_ticket_.find(ticket);
  if (it == by_ticket_.end()) return std::nullopt;
  return Take(it);
}

Waiter Waiters::PopFront() { return Take(by_ticket_.begin()); }

std::vector<int64_t> Waiters::Ask(MonotonicTime now, size_t most) {
  std::vector<int64_t> waited_us;
  for (auto& [ticket, waiter] : by_ticket_) {
    ++waiter.asked;
    if (waited_us.size() < most)
      waited_us.push_back(ToMicros(now - waiter.since));
  }
  unasked_ = 0;
  return waited_us;
}

std::vector<Waiter> Waiters::TakeAnswered(MonotonicTime now, int asked) {
  std::vector<Waiter> taken;
  for (auto it = by_ticket_.begin(); it != by_ticket_.end();) {
    const auto waiter = it++;
    if (waiter->second.asked >= asked && waiter->second.until <= now) {
      taken.push_back(Take(waiter));
    }
  }
  return taken;
}

std::vector<Waiter> Waiters::TakeExpired(MonotonicTime now) {
  std::vector<Waiter> taken;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    taken.push_back(Take(by_ticket_.find(deadlines_.begin()->second)));
  }
  return taken;
}

std::vector<Waiter> Waiters::TakeAll() {
  std::vector<Waiter> taken;
  while (!empty()) taken.push_back(PopFront());
  return taken;
}

}  // namespace outrigger::coord
