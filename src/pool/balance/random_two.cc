#include <cstdint>

#include "pool/balance/kinds.h"

namespace outrigger::pool {
namespace {

// So many draws may be of endpoints to avoid before they are looked through in
// order.
constexpr int kDraws = 8;

// Other bits from the same ones (the finalizer of MurmurHash3).
uint64_t Mixed(uint64_t bits) {
  bits ^= bits >> 33;
  bits *= 0xff51afd7ed558ccdULL;
  bits ^= bits >> 33;
  bits *= 0xc4ceb9fe1a85ec53ULL;
  return bits ^ (bits >> 33);
}

}  // namespace

void RandomTwo::Reset(const Field& field) {
  places_.clear();
  for (const Candidate& candidate : field.candidates) {
    Place place;
    place.seat = candidate.seat;
    place.weight = candidate.weight;
    places_.push_back(place);
    in_use_[candidate.seat] = candidate.in_use;
  }
  ShareOut();
}

// All places are drawn equally often. Those with less than the mean give what
// is not theirs to one with more, until that has no more than the mean itself.
void RandomTwo::ShareOut() {
  double mean = 0;
  for (const Place& place : places_) mean += place.weight;
  mean /= static_cast<double>(places_.size());
  std::vector<double> has(places_.size());
  std::vector<uint16_t> less;
  std::vector<uint16_t> more;
  for (size_t i = 0; i < places_.size(); ++i) {
    has[i] = places_[i].weight / mean;
    (has[i] < 1 ? less : more).push_back(static_cast<uint16_t>(i));
  }
  while (!less.empty() && !more.empty()) {
    const uint16_t poor = less.back();
    const uint16_t rich = more.back();
    less.pop_back();
    places_[poor].other = rich;
    places_[poor].own = static_cast<uint32_t>(has[poor] * UINT32_MAX);
    has[rich] -= 1 - has[poor];
    if (has[rich] < 1) {
      more.pop_back();
      less.push_back(rich);
    }
  }
}

Seat RandomTwo::Choose(const Question& question) {
  const size_t none = places_.size();
  const size_t one = DrawWanted(question.random, question, none);
  const size_t other = DrawWanted(Mixed(question.random), question, one);
  return places_[Load(other) < Load(one) ? other : one].seat;
}

void RandomTwo::OnUse(Seat seat, uint32_t in_use) { in_use_[seat] = in_use; }

size_t RandomTwo::Draw(uint64_t random) const {
  const size_t drawn = ((random >> 32) * places_.size()) >> 32;
  const Place& place = places_[drawn];
  return static_cast<uint32_t>(random) <= place.own ? drawn : place.other;
}

size_t RandomTwo::DrawWanted(uint64_t random, const Question& question,
                             size_t but) const {
  const auto wanted = [&](size_t place) {
    return place != but && !question.Avoids(places_[place].seat);
  };
  size_t place = 0;
  for (int i = 0; i < kDraws; ++i, random = Mixed(random)) {
    place = Draw(random);
    if (wanted(place)) return place;
  }
  for (size_t i = 0; i < places_.size(); ++i) {
    place = place + 1 == places_.size() ? 0 : place + 1;
    if (wanted(place)) return place;
  }
  return but;  // the only one
}

double RandomTwo::Load(size_t place) const {
  return in_use_[places_[place].seat] / places_[place].weight;
}

}  // namespace outrigger::pool
