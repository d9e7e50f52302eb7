// Who serves which slots, as a cluster's node tells it.
#ifndef OUTRIGGER_REDIS_WIRE_CLUSTER_SLOTS_H_
#define OUTRIGGER_REDIS_WIRE_CLUSTER_SLOTS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "redis/options.h"
#include "redis/wire/reply.h"

namespace outrigger::redis {

// Slots first to last, both included.
struct SlotRange {
  uint16_t first = 0;
  uint16_t last = 0;
  Address master;
  std::vector<Address> replicas;
};

// Reads the reply to CLUSTER SLOTS. A node without a host is the one that was
// asked. kInternal if it is not such a reply.
absl::StatusOr<std::vector<SlotRange>> ParseClusterSlots(const Reply& reply,
                                                         const Address& asked);

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_WIRE_CLUSTER_SLOTS_H_
