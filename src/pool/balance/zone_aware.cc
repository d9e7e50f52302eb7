#include <algorithm>

#include "pool/balance/kinds.h"

namespace outrigger::pool {

ZoneAware::Zone ZoneAware::MakeZone(absl::string_view name) {
  Zone zone;
  zone.name = std::string(name);
  zone.heap = std::make_unique<TurnHeap>(TurnHeap::By::kLoad, table_);
  return zone;
}

void ZoneAware::Reset(const Field& field) {
  const bool apart =
      !field.panic && !own_zone_.empty() &&
      std::count(field.zones.begin(), field.zones.end(), own_zone_) > 0;
  Distribute(field, apart);
  SetShares(field.zones.size());
  // All leave before any comes, as one may have moved from zone to zone.
  for (Zone& zone : zones_) zone.heap->Clear();
  for (Zone& zone : zones_) zone.heap->Reset(zone.candidates);
}

// A zone that stays keeps its heap, and so the order in it.
void ZoneAware::Distribute(const Field& field, bool apart) {
  if (zones_.empty()) zones_.push_back(MakeZone(own_zone_));
  for (Zone& zone : zones_) {
    zone.candidates.clear();
    zone.seats.reset();
    zone.weight = 0;
  }
  for (const Candidate& candidate : field.candidates) {
    const absl::string_view name =
        apart ? candidate.zone : absl::string_view(own_zone_);
    auto zone = std::find_if(zones_.begin(), zones_.end(),
                             [&](const Zone& z) { return z.name == name; });
    if (zone == zones_.end()) {
      zone = zones_.insert(zones_.end(), MakeZone(name));
    }
    zone->candidates.push_back(candidate);
    zone->seats.set(candidate.seat);
    zone->weight += candidate.weight;
  }
  const auto gone = [](Zone& zone) {
    if (!zone.candidates.empty()) return false;
    zone.heap->Clear();
    return true;
  };
  zones_.erase(std::remove_if(zones_.begin() + 1, zones_.end(), gone),
               zones_.end());
  for (size_t i = 0; i < zones_.size(); ++i) {
    for (const Candidate& candidate : zones_[i].candidates) {
      zone_of_[candidate.seat] = static_cast<uint16_t>(i);
    }
  }
}

void ZoneAware::SetShares(size_t zones) {
  if (zones_.size() == 1) {
    zones_[0].upto = 1;
    return;
  }
  double all = 0;
  for (const Zone& zone : zones_) all += zone.weight;
  const double callers = 1 / static_cast<double>(zones);
  const double own = std::min(1.0, zones_[0].weight / all / callers);
  zones_[0].upto = own;
  // What each has beyond its own callers' part; endpoints without a zone have
  // no callers of their own.
  double surplus = 0;
  for (size_t i = 1; i < zones_.size(); ++i) {
    const double part = zones_[i].name.empty() ? 0 : callers;
    surplus += std::max(0.0, zones_[i].weight / all - part);
    zones_[i].upto = surplus;
  }
  for (size_t i = 1; i < zones_.size(); ++i) {
    zones_[i].upto =
        surplus > 0 ? own + (1 - own) * zones_[i].upto / surplus : 1;
  }
}

Seat ZoneAware::Choose(const Question& question) {
  return Draw(question).heap->Choose(question);
}

const ZoneAware::Zone& ZoneAware::Draw(const Question& question) const {
  const double u = static_cast<double>(question.random >> 11) * 0x1.0p-53;
  const auto drawn = std::upper_bound(
      zones_.begin(), zones_.end(), u,
      [](double u, const Zone& zone) { return u < zone.upto; });
  const auto usable = [&](const Zone& zone) {
    return question.avoid == nullptr ? zone.seats.any()
                                     : (zone.seats & ~*question.avoid).any();
  };
  if (drawn != zones_.end() && usable(*drawn)) return *drawn;
  return *std::find_if(zones_.begin(), zones_.end(), usable);
}

void ZoneAware::OnUse(Seat seat, uint32_t in_use) {
  if (table_.in_heap[seat] != TurnTable::kNowhere) {
    zones_[zone_of_[seat]].heap->SetUse(seat, in_use);
  }
}

}  // namespace outrigger::pool
