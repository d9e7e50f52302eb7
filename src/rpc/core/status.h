// The one place where our errors become gRPC's.
#ifndef OUTRIGGER_RPC_CORE_STATUS_H_
#define OUTRIGGER_RPC_CORE_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace outrigger::rpc {

// The same code and message. kResourceExhausted carries google.rpc.RetryInfo in
// its details (grpc-status-details-bin) that says to come back after a second:
// the bounds of the sidecar (keys, parked calls, streams) have no better guess.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_CORE_STATUS_H_
