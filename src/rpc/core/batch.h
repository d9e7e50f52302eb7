// Messages that hold many requests: how many, and whose error it is.
#ifndef OUTRIGGER_RPC_CORE_BATCH_H_
#define OUTRIGGER_RPC_CORE_BATCH_H_

#include <cstddef>

#include "absl/status/status.h"

namespace outrigger::rpc {

inline constexpr size_t kMaxBatch = 1000;

// kInvalidArgument unless there are 1 to kMaxBatch `requests`.
absl::Status CheckBatchSize(size_t size);

// The same error for a request within a batch: "requests[3].cost: …".
absl::Status InBatch(size_t index, const absl::Status& status);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_CORE_BATCH_H_
