#include "pool/balance/hash_ring.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>

namespace outrigger::pool {
namespace {

constexpr uint64_t kSeatBits = 0xffff;

Seat SeatOf(uint64_t point) { return static_cast<Seat>(point & kSeatBits); }

}  // namespace

uint32_t HashRing::PointsOf(double weight, double unit) {
  const double times =
      std::min(weight / unit, static_cast<double>(kMostTimesPoints));
  return std::max(1U, static_cast<uint32_t>(std::lround(times * kPointsOfOne)));
}

void HashRing::Assign(absl::Span<const Member> members) {
  std::vector<Known> now(kSeats);
  for (const Member& member : members) {
    now[member.seat] = {member.id, member.points};
  }
  if (known_.empty()) known_.resize(kSeats);
  const auto gone = [&](uint64_t point) {
    return !(known_[SeatOf(point)] == now[SeatOf(point)]);
  };
  points_.erase(std::remove_if(points_.begin(), points_.end(), gone),
                points_.end());
  const auto kept = static_cast<std::ptrdiff_t>(points_.size());
  for (const Member& member : members) {
    if (known_[member.seat] == now[member.seat]) continue;
    for (uint32_t i = 0; i < member.points; ++i) {
      const uint64_t hash =
          XXH3_64bits_withSeed(member.name.data(), member.name.size(), i);
      points_.push_back((hash & ~kSeatBits) | member.seat);
    }
  }
  std::sort(points_.begin() + kept, points_.end());
  std::inplace_merge(points_.begin(), points_.begin() + kept, points_.end());
  known_ = std::move(now);
  SetReach();
}

HashRing HashRing::Only(const SeatSet& seats) const {
  HashRing ring;
  ring.points_.reserve(points_.size());
  for (const uint64_t point : points_) {
    if (seats.test(SeatOf(point))) ring.points_.push_back(point);
  }
  ring.SetReach();
  return ring;
}

void HashRing::SetReach() {
  // A place in the middle is off by about half the root of all places, and the
  // second guess by about the root of that: thrice as far is seldom missed.
  const double root = std::sqrt(static_cast<double>(points_.size()));
  reach_ = 1 + static_cast<size_t>(3 * std::sqrt(root / 2));
}

// The place of the first point from `hash` on. Hashes are spread evenly, so it
// is looked for near where it should be, and only then everywhere.
size_t HashRing::FirstFrom(uint64_t hash) const {
  const uint64_t target = hash & ~kSeatBits;
  const size_t many = points_.size();
  // How many points there are, on average, in a span of hashes.
  const auto many_in = [many](int64_t span) {
    return (span >> 32) * static_cast<int64_t>(many) >> 32;
  };
  size_t guess = ((hash >> 32) * many) >> 32;
  // The point there says how far it is still.
  const int64_t off = many_in(static_cast<int64_t>(target - points_[guess]));
  guess =
      static_cast<size_t>(std::clamp(static_cast<int64_t>(guess) + off,
                                     int64_t{0}, static_cast<int64_t>(many)));
  size_t low = guess - std::min(guess, reach_);
  size_t high = std::min(guess + reach_, many);
  if (low > 0 && points_[low - 1] >= target) low = 0;
  if (high < many && points_[high] < target) high = many;
  // The compiler makes this a search without branches.
  for (size_t left = high - low; left > 0;) {
    const size_t half = (left + 1) / 2;
    low += points_[low + half - 1] < target ? half : 0;
    left -= half;
  }
  return low == many ? 0 : low;
}

Seat HashRing::Find(absl::string_view key, const SeatSet* avoid) const {
  auto at = points_.begin() + static_cast<std::ptrdiff_t>(FirstFrom(
                                  XXH3_64bits(key.data(), key.size())));
  const Seat first = SeatOf(*at);
  if (avoid == nullptr || !avoid->test(first)) return first;
  for (size_t i = 0; i < points_.size(); ++i) {
    if (++at == points_.end()) at = points_.begin();
    if (!avoid->test(SeatOf(*at))) return SeatOf(*at);
  }
  return first;
}

}  // namespace outrigger::pool
