// The leases of one pool that callers of this pod hold.
#ifndef OUTRIGGER_POOL_SLOTS_LEASE_TABLE_H_
#define OUTRIGGER_POOL_SLOTS_LEASE_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "pool/endpoints.h"

namespace outrigger::pool {

struct Lease {
  uint64_t id = 0;  // by LeaseTable; 0: none
  EndpointId endpoint = kNoEndpoint;
  MonotonicTime acquired_at{};
  // From then on it is not held. max(): as long as its session is open.
  MonotonicTime expires{};
  uint64_t session = 0;
  std::array<uint8_t, 16> trace_id{};
  bool leak_told = false;
};

// An id has the pool's number, the lease's place, and a serial number, so that
// one is found at once, and an old one never is. Not thread-safe.
class LeaseTable {
 public:
  static constexpr int kSerialBits = 27;
  static constexpr int kPlaceBits = 21;
  static constexpr size_t kMost = size_t{1} << kPlaceBits;

  // `pool_number`: 1 to 65,535, the pool's among the pod's. `first_serial`:
  // random, so that ids of a former run are not found.
  LeaseTable(uint16_t pool_number, uint32_t first_serial)
      : pool_number_(pool_number), serial_(first_serial & kSerialMask) {}

  static uint16_t PoolNumberOf(uint64_t id) {
    return static_cast<uint16_t>(id >> (kPlaceBits + kSerialBits));
  }

  // A new one, to be filled in; only its id is set. Valid until the next Add or
  // Remove. REQUIRES: size() < kMost.
  Lease& Add();
  // Null: not held. Valid until the next Add or Remove.
  Lease* Find(uint64_t id);
  // REQUIRES: it is held.
  Lease Remove(uint64_t id);

  // In no order. Those of the time of the call; may be removed meanwhile.
  std::vector<uint64_t> Ids() const;
  template <typename F>
  void ForEach(F f) {
    for (Lease& lease : places_) {
      if (lease.id != 0) f(lease);
    }
  }
  template <typename F>
  void ForEach(F f) const {
    for (const Lease& lease : places_) {
      if (lease.id != 0) f(lease);
    }
  }
  size_t size() const { return places_.size() - free_.size(); }

 private:
  static constexpr uint64_t kSerialMask = (uint64_t{1} << kSerialBits) - 1;

  const uint16_t pool_number_;
  uint64_t serial_;
  std::vector<Lease> places_;
  std::vector<uint32_t> free_;
};

}  // namespace outrigger::pool

#endif  // OUTRIGGER_POOL_SLOTS_LEASE_TABLE_H_
