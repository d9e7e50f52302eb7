// The pool's answers as text for people, and its words as people write them.
#ifndef OUTRIGGER_CLI_POOL_TEXT_H_
#define OUTRIGGER_CLI_POOL_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "outrigger/pool/v1/pool.pb.h"

namespace outrigger::cli {

// "primary", "replica", "shard"; "any" and "" are none.
absl::StatusOr<pool::v1::Role> ReadRole(absl::string_view text);

// How many of the pool's endpoints can be used.
int UsableEndpoints(const pool::v1::PoolStatus& status);
// "one by one, learning, degraded"; empty: nothing is to be said.
std::string PoolNotes(const pool::v1::PoolStatus& status);

// "acquired: lease 17, token 1234, 10.0.0.5:5432 (primary, zone a), expires in
// 30s"; "none: timeout, …".
std::string DescribeSlot(const pool::v1::AcquireResponse& response);
// A table of the pools, and below each its endpoints and its longest leases.
std::string DescribePools(const pool::v1::StatusResponse& response);

}  // namespace outrigger::cli

#endif  // OUTRIGGER_CLI_POOL_TEXT_H_
