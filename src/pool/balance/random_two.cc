#include <algorithm>

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
  sums_.clear();
  weights_.clear();
  seats_.clear();
  double sum = 0;
  for (const Candidate& candidate : field.candidates) {
    sums_.push_back(sum += candidate.weight);
    weights_.push_back(candidate.weight);
    seats_.push_back(candidate.seat);
    in_use_[candidate.seat] = candidate.in_use;
  }
}

Seat RandomTwo::Choose(const Question& question) {
  const size_t none = seats_.size();
  const size_t one = DrawWanted(question.random, question, none);
  const size_t other = DrawWanted(Mixed(question.random), question, one);
  return seats_[Load(other) < Load(one) ? other : one];
}

void RandomTwo::OnUse(Seat seat, uint32_t in_use) { in_use_[seat] = in_use; }

size_t RandomTwo::Draw(uint64_t u) const {
  const double at = static_cast<double>(u) * 0x1.0p-32 * sums_.back();
  const auto found = std::upper_bound(sums_.begin(), sums_.end(), at);
  return std::min(static_cast<size_t>(found - sums_.begin()), sums_.size() - 1);
}

size_t RandomTwo::DrawWanted(uint64_t random, const Question& question,
                             size_t but) const {
  const auto wanted = [&](size_t place) {
    return place != but && !question.Avoids(seats_[place]);
  };
  size_t place = 0;
  for (int i = 0; i < kDraws; ++i, random = Mixed(random)) {
    place = Draw(random >> 32);
    if (wanted(place)) return place;
  }
  for (size_t i = 0; i < seats_.size(); ++i) {
    place = place + 1 == seats_.size() ? 0 : place + 1;
    if (wanted(place)) return place;
  }
  return but;  // the only one
}

double RandomTwo::Load(size_t place) const {
  return in_use_[seats_[place]] / weights_[place];
}

}  // namespace outrigger::pool
