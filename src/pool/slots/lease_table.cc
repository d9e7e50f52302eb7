#include "pool/slots/lease_table.h"

#include <utility>

namespace outrigger::pool {

uint64_t LeaseTable::Add(Lease lease) {
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(places_.size()));
    places_.emplace_back();
  }
  const uint64_t place = free_.back();
  free_.pop_back();
  serial_ = (serial_ + 1) & kSerialMask;
  lease.id = uint64_t{pool_number_} << (kPlaceBits + kSerialBits) |
             place << kSerialBits | serial_;
  places_[place] = std::move(lease);
  return places_[place].id;
}

Lease* LeaseTable::Find(uint64_t id) {
  const uint64_t place = id >> kSerialBits & (kMost - 1);
  if (place >= places_.size() || places_[place].id != id || id == 0) {
    return nullptr;
  }
  return &places_[place];
}

Lease LeaseTable::Remove(uint64_t id) {
  const uint64_t place = id >> kSerialBits & (kMost - 1);
  free_.push_back(static_cast<uint32_t>(place));
  return std::exchange(places_[place], Lease{});
}

std::vector<uint64_t> LeaseTable::Ids() const {
  std::vector<uint64_t> ids;
  ForEach([&ids](const Lease& lease) { ids.push_back(lease.id); });
  return ids;
}

}  // namespace outrigger::pool
