#include "pool/balance/turn_heap.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace outrigger::pool {
namespace {

constexpr size_t kChildren = 4;
constexpr size_t kNone = static_cast<size_t>(-1);
// Of weight 1. Whole for all weights to 16, so that turns that are equal by
// right are equal.
constexpr uint64_t kStep = uint64_t{720720} << 10;
// Two million leases at this step are no overflow.
constexpr uint64_t kLongestStep = uint64_t{1} << 42;

// Turns wrap around; they are never far apart.
int64_t Between(uint64_t a, uint64_t b) { return static_cast<int64_t>(b - a); }

// Those who come together, grouped by weight, in their order within each.
std::vector<size_t> ByWeight(absl::Span<const Candidate> candidates) {
  std::vector<size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return candidates[a].weight < candidates[b].weight;
  });
  return order;
}

}  // namespace

bool TurnHeap::Before(const Entry& a, const Entry& b) {
  if (a.load != b.load) return a.load < b.load;
  if (a.at != b.at) return Between(a.at, b.at) > 0;
  return a.order < b.order;
}

uint64_t TurnHeap::StepOf(double weight) {
  const double step = std::round(static_cast<double>(kStep) / weight);
  return std::min(static_cast<uint64_t>(step), kLongestStep);
}

void TurnHeap::Reset(absl::Span<const Candidate> candidates) {
  Clear();
  entries_.resize(candidates.size());
  const std::vector<size_t> order = ByWeight(candidates);
  for (size_t begin = 0; begin < order.size();) {
    const double weight = candidates[order[begin]].weight;
    size_t end = begin;
    while (end < order.size() && candidates[order[end]].weight == weight) ++end;
    // Of those with the same weight some come a little before and some a little
    // after a heavier one's turn at the same time, as with nginx.
    const auto many = static_cast<int64_t>(end - begin);
    for (int64_t i = 0; i < many; ++i) {
      const size_t at = order[begin + static_cast<size_t>(i)];
      const int64_t span = static_cast<int64_t>(StepOf(weight) >> 11);
      Admit(candidates[at], (2 * i - (many - 1)) * span / many,
            static_cast<uint16_t>(at));
    }
    begin = end;
  }
  for (size_t at = entries_.size() / kChildren + 1; at-- > 0;) {
    if (at < entries_.size()) SiftDown(at);
  }
}

void TurnHeap::Admit(const Candidate& candidate, int64_t nudge,
                     uint16_t order) {
  TurnTable::Place& place = table_.places[candidate.seat];
  const uint64_t step = StepOf(candidate.weight);
  if (place.id != candidate.id) {
    place.id = candidate.id;
    place.at = now_ + step / 2 + static_cast<uint64_t>(nudge);
  } else {
    // One that comes back is due at once if it was due meanwhile, and waits the
    // rest of its step, by its present weight, if not.
    const double rest = static_cast<double>(Between(now_, place.at)) *
                        static_cast<double>(step) /
                        static_cast<double>(place.step);
    place.at = now_ + static_cast<uint64_t>(
                          std::clamp(rest, 0.0, static_cast<double>(step)));
  }
  place.step = step;
  const uint64_t load = by_ == By::kLoad ? candidate.in_use * step : 0;
  Put(order, Entry{load, place.at, candidate.seat, order});
}

void TurnHeap::Clear() {
  for (const Entry& entry : entries_) {
    TurnTable::Place& place = table_.places[entry.seat];
    place.at = entry.at;
    place.in_heap = TurnTable::kNowhere;
  }
  entries_.clear();
}

Seat TurnHeap::Choose(const Question& question) {
  const size_t at = BestFrom(0, question);
  Entry& entry = entries_[at];
  const Seat seat = entry.seat;
  if (Between(now_, entry.at) > 0) now_ = entry.at;
  // From now on, also if it was due before: turns that were missed are not made
  // up for.
  entry.at = now_ + table_.places[seat].step;
  SiftDown(at);
  return seat;
}

void TurnHeap::SetUse(Seat seat, uint32_t in_use) {
  if (by_ == By::kTurn) return;
  const TurnTable::Place& place = table_.places[seat];
  const size_t at = place.in_heap;
  entries_[at].load = in_use * place.step;
  SiftUp(at);
  SiftDown(place.in_heap);
}

// The first of those below `at`, too, that is not to be avoided.
size_t TurnHeap::BestFrom(size_t at, const Question& question) const {
  if (at >= entries_.size()) return kNone;
  if (!question.Avoids(entries_[at].seat)) return at;
  size_t best = kNone;
  for (size_t i = 1; i <= kChildren; ++i) {
    const size_t below = BestFrom(at * kChildren + i, question);
    if (below == kNone) continue;
    if (best == kNone || Before(entries_[below], entries_[best])) best = below;
  }
  return best;
}

void TurnHeap::Put(size_t at, const Entry& entry) {
  entries_[at] = entry;
  table_.places[entry.seat].in_heap = static_cast<uint32_t>(at);
}

void TurnHeap::SiftUp(size_t at) {
  const Entry entry = entries_[at];
  while (at > 0) {
    const size_t above = (at - 1) / kChildren;
    if (!Before(entry, entries_[above])) break;
    Put(at, entries_[above]);
    at = above;
  }
  Put(at, entry);
}

void TurnHeap::SiftDown(size_t at) {
  const Entry entry = entries_[at];
  for (;;) {
    const size_t first = at * kChildren + 1;
    if (first >= entries_.size()) break;
    const size_t end = std::min(first + kChildren, entries_.size());
    size_t best = first;
    for (size_t i = first + 1; i < end; ++i) {
      if (Before(entries_[i], entries_[best])) best = i;
    }
    if (!Before(entries_[best], entry)) break;
    Put(at, entries_[best]);
    at = best;
  }
  Put(at, entry);
}

}  // namespace outrigger::pool
