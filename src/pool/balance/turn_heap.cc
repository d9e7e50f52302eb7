#include "pool/balance/turn_heap.h"

#include <algorithm>
#include <cmath>

namespace outrigger::pool {
namespace {

constexpr size_t kChildren = 4;
constexpr size_t kNone = static_cast<size_t>(-1);
// Of weight 1. Whole for all weights to 16, so that turns that are equal by
// right are equal.
constexpr uint64_t kStep = uint64_t{720720} << 10;
// Two million leases at this step are no overflow. Weights below 1/5,900, which
// are as small beside any that is sensible, count as that.
constexpr uint64_t kLongestStep = uint64_t{1} << 42;

// Turns wrap around; they are never far apart.
int64_t Between(uint64_t a, uint64_t b) { return static_cast<int64_t>(b - a); }

}  // namespace

bool TurnHeap::Before(const Entry& a, const Entry& b) {
  if (a.load != b.load) return a.load < b.load;
  if (a.at != b.at) return Between(a.at, b.at) > 0;
  return a.order < b.order;
}

uint64_t TurnHeap::StepOf(double weight) {
  const double step = std::round(static_cast<double>(kStep) / weight);
  return static_cast<uint64_t>(
      std::min(step, static_cast<double>(kLongestStep)));
}

void TurnHeap::Reset(absl::Span<const Candidate> candidates) {
  Clear();
  Welcome(candidates);
  entries_.resize(candidates.size());
  for (size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& candidate = candidates[i];
    TurnTable::Place& place = table_.places[candidate.seat];
    const uint64_t step = StepOf(candidate.weight);
    // One that comes back is due at once if it was due meanwhile, and waits the
    // rest of its step, by its present weight, if not.
    const double rest = static_cast<double>(Between(now_, place.at)) *
                        static_cast<double>(step) /
                        static_cast<double>(place.step);
    place.at = now_ + static_cast<uint64_t>(
                          std::clamp(rest, 0.0, static_cast<double>(step)));
    place.step = step;
    const uint64_t load = by_ == By::kLoad ? candidate.in_use * step : 0;
    Put(i, {load, place.at, candidate.seat, static_cast<uint16_t>(i)});
  }
  for (size_t at = entries_.size() / kChildren + 1; at-- > 0;) {
    if (at < entries_.size()) SiftDown(at);
  }
}

// New ones' first turns are half a step from now. Of several with the same
// weight some come a little before and some a little after a heavier one's turn
// at the same time, as with nginx.
void TurnHeap::Welcome(absl::Span<const Candidate> candidates) {
  std::vector<const Candidate*> fresh;
  for (const Candidate& candidate : candidates) {
    if (table_.places[candidate.seat].id == candidate.id) continue;
    fresh.push_back(&candidate);
  }
  std::stable_sort(fresh.begin(), fresh.end(),
                   [](const Candidate* a, const Candidate* b) {
                     return a->weight < b->weight;
                   });
  for (size_t begin = 0, end = 0; begin < fresh.size(); begin = end) {
    const double weight = fresh[begin]->weight;
    while (end < fresh.size() && fresh[end]->weight == weight) ++end;
    const uint64_t step = StepOf(weight);
    const auto many = static_cast<int64_t>(end - begin);
    for (int64_t i = 0; i < many; ++i) {
      const Candidate& candidate = *fresh[begin + static_cast<size_t>(i)];
      const int64_t nudge =
          (2 * i - (many - 1)) * static_cast<int64_t>(step >> 11) / many;
      table_.places[candidate.seat] = {
          candidate.id, now_ + step / 2 + static_cast<uint64_t>(nudge), step};
    }
  }
}

void TurnHeap::Clear() {
  for (const Entry& entry : entries_) {
    table_.places[entry.seat].at = entry.at;
    table_.in_heap[entry.seat] = TurnTable::kNowhere;
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
  const size_t at = table_.in_heap[seat];
  const uint64_t load = in_use * table_.places[seat].step;
  const bool more = load > entries_[at].load;
  entries_[at].load = load;
  more ? SiftDown(at) : SiftUp(at);
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
  table_.in_heap[entry.seat] = static_cast<uint16_t>(at);
}

// Most entries stay where they are: these are not even copied.
void TurnHeap::SiftUp(size_t at) {
  if (at == 0 || !Before(entries_[at], entries_[(at - 1) / kChildren])) return;
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
  size_t below = BestBelow(at);
  if (below == kNone || !Before(entries_[below], entries_[at])) return;
  const Entry entry = entries_[at];
  while (below != kNone && Before(entries_[below], entry)) {
    Put(at, entries_[below]);
    at = below;
    below = BestBelow(at);
  }
  Put(at, entry);
}

size_t TurnHeap::BestBelow(size_t at) const {
  const size_t first = at * kChildren + 1;
  if (first >= entries_.size()) return kNone;
  const size_t end = std::min(first + kChildren, entries_.size());
  size_t best = first;
  for (size_t i = first + 1; i < end; ++i) {
    if (Before(entries_[i], entries_[best])) best = i;
  }
  return best;
}

}  // namespace outrigger::pool
