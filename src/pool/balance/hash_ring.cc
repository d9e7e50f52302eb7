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
}

HashRing HashRing::Only(const SeatSet& seats) const {
  HashRing ring;
  ring.points_.reserve(points_.size());
  for (const uint64_t point : points_) {
    if (seats.test(SeatOf(point))) ring.points_.push_back(point);
  }
  return ring;
}

Seat HashRing::Find(absl::string_view key, const SeatSet* avoid) const {
  const uint64_t hash = XXH3_64bits(key.data(), key.size()) & ~kSeatBits;
  auto at = std::lower_bound(points_.begin(), points_.end(), hash);
  if (at == points_.end()) at = points_.begin();
  const Seat first = SeatOf(*at);
  if (avoid == nullptr || !avoid->test(first)) return first;
  for (size_t i = 0; i < points_.size(); ++i) {
    if (++at == points_.end()) at = points_.begin();
    if (!avoid->test(SeatOf(*at))) return SeatOf(*at);
  }
  return first;
}

}  // namespace outrigger::pool
