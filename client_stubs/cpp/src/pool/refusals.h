// Refusals as errors, and back.
#ifndef OUTRIGGER_CLIENT_POOL_REFUSALS_H_
#define OUTRIGGER_CLIENT_POOL_REFUSALS_H_

#include "absl/status/status.h"
#include "outrigger/pool.h"

namespace outrigger::client::internal {

// kUnavailable; RefusalOf gives the refusal again.
absl::Status ToStatus(const Refusal& refusal);

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_POOL_REFUSALS_H_
