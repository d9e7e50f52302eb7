// The script calls of each operation, as they go over the wire.
#ifndef OUTRIGGER_REDIS_LIMITS_CALLS_H_
#define OUTRIGGER_REDIS_LIMITS_CALLS_H_

#include <string>

#include "redis/epochs/epochs.h"
#include "store/limit_store.h"

namespace outrigger::redis {

// Where and under which epoch a call runs.
struct CallContext {
  const std::string& prefix;
  int slot;  // kAnySlot without a cluster
  const Epoch& epoch;
};

// EVALSHA of the script of that name; all buckets are in the context's slot.

// REQUIRES: one item, a token bucket.
std::string TakeOneCall(const store::TakeRequest& request,
                        const CallContext& context);
std::string TakeCall(const store::TakeRequest& request,
                     const CallContext& context);
// Accounts of leases from before a loss are left out: neither counted as spent
// nor credited, as the store knows nothing of them.
std::string LeaseCall(const store::LeaseRequest& request,
                      const CallContext& context);
std::string RefundCall(const store::BucketRef& bucket, double cost,
                       const CallContext& context);
std::string AdjustCall(const store::AdjustRequest& request,
                       const CallContext& context);

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_LIMITS_CALLS_H_
