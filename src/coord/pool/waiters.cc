#include "coord/pool/waiters.h"

#include <utility>

namespace outrigger::coord {

void Waiters::Add(Waiter waiter) {
  const Pools::Ticket ticket = waiter.ticket;
  waiter.asks_before = asks_;
  if (waiter.until > waiter.since) {
    deadlines_.emplace(waiter.until, ticket);
  } else {
    only_ask_.insert(ticket);
  }
  by_ticket_.emplace(ticket, std::move(waiter));
}

Waiter Waiters::Take(std::map<Pools::Ticket, Waiter>::iterator it) {
  Waiter waiter = std::move(it->second);
  by_ticket_.erase(it);
  deadlines_.erase({waiter.until, waiter.ticket});
  only_ask_.erase(waiter.ticket);
  return waiter;
}

std::optional<Waiter> Waiters::Remove(Pools::Ticket ticket) {
  const auto it = by_ticket_.find(ticket);
  if (it == by_ticket_.end()) return std::nullopt;
  return Take(it);
}

Waiter Waiters::PopFront() { return Take(by_ticket_.begin()); }

std::vector<int64_t> Waiters::Ask(MonotonicTime now, size_t most) {
  ++asks_;
  std::vector<int64_t> waited_us;
  for (const auto& [ticket, waiter] : by_ticket_) {
    if (waited_us.size() == most) break;
    waited_us.push_back(ToMicros(now - waiter.since));
  }
  return waited_us;
}

std::vector<Waiter> Waiters::TakeAnswered(uint64_t asked) {
  std::vector<Waiter> taken;
  while (!only_ask_.empty()) {
    const auto first = by_ticket_.find(*only_ask_.begin());
    if (asks_ - first->second.asks_before < asked) break;
    taken.push_back(Take(first));
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
