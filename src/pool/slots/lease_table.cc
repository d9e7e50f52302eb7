#include "pool/slots/lease_table.h"

namespace outrigger::pool {

Lease& LeaseTable::Add() {
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(places_.size()));
    places_.emplace_back();
  }
  const uint64_t place = free_.back();
  free_.pop_back();
  serial_ = (serial_ + 1) & kSerialMask;
  Lease& lease = places_[place];
  lease = Lease{};
  lease.id = uint64_t{pool_number_} << (kPlaceBits + kSerialBits) |
             place << kSerialBits | serial_;
  return lease;
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
  const Lease lease = places_[place];
  places_[place].id = 0;
  return lease;
}

std::vector<uint64_t> LeaseTable::Ids() const {
  std::vector<uint64_t> ids;
  ForEach([&ids](const Lease& lease) { ids.push_back(lease.id); });
  return ids;
}

}  // namespace outrigger::pool
