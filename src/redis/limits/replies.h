// What the scripts answer, as the store's replies. Every function gives
// kInternal for anything that the script cannot have said.
#ifndef OUTRIGGER_REDIS_LIMITS_REPLIES_H_
#define OUTRIGGER_REDIS_LIMITS_REPLIES_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "limit/shape.h"
#include "redis/wire/reply.h"
#include "store/limit_store.h"

namespace outrigger::redis {

// take_one.lua's, for a request of one token bucket without adaptive rate.
absl::StatusOr<store::TakeReply> ParseTakeOne(
    const Reply& reply, const store::TakeRequest& request);

// take.lua's.
absl::StatusOr<store::TakeReply> ParseTake(const Reply& reply,
                                           const store::TakeRequest& request);

// lease.lua's; `ordinal` is the epoch's.
absl::StatusOr<store::LeaseReply> ParseLease(const Reply& reply,
                                             uint16_t ordinal);

// adjust.lua's, in tokens per second.
absl::StatusOr<double> ParseAdjust(const Reply& reply);

// A lease's generation tells the epoch, in the upper bits, and the store's own
// generation.
inline constexpr int kOrdinalShift = 48;
inline constexpr uint64_t kGenerationMask = (uint64_t{1} << kOrdinalShift) - 1;

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_LIMITS_REPLIES_H_
