// What a server answers to a decision.
#ifndef OUTRIGGER_CLIENT_RPC_ANSWERS_H_
#define OUTRIGGER_CLIENT_RPC_ANSWERS_H_

#include <grpcpp/support/status.h>

#include "absl/status/statusor.h"
#include "outrigger/limiter.h"

namespace outrigger::client::internal {

// OK, RESOURCE_EXHAUSTED, or INTERNAL for an error of the library's.
grpc::Status ToAnswer(const absl::StatusOr<Decision>& decision);

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_RPC_ANSWERS_H_
