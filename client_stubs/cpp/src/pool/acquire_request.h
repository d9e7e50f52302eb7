// What an Acquire sends.
#ifndef OUTRIGGER_CLIENT_POOL_ACQUIRE_REQUEST_H_
#define OUTRIGGER_CLIENT_POOL_ACQUIRE_REQUEST_H_

#include <string>

#include "absl/status/statusor.h"
#include "outrigger/pool.h"
#include "outrigger/pool/v1/pool.pb.h"

namespace outrigger::client::internal {

// kInvalidArgument: the sidecar could not read it, and would end the stream,
// with all leases.
absl::StatusOr<pool::v1::AcquireRequest> ToAcquireRequest(
    const std::string& pool, const AcquireOptions& options);

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_POOL_ACQUIRE_REQUEST_H_
