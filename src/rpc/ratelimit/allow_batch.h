// Many questions in one message: each decided on its own, answered together.
#ifndef OUTRIGGER_RPC_RATELIMIT_ALLOW_BATCH_H_
#define OUTRIGGER_RPC_RATELIMIT_ALLOW_BATCH_H_

#include <grpcpp/support/byte_buffer.h>

#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/clock.h"
#include "coord/limit/limiter.h"
#include "rpc/core/completion.h"

namespace outrigger::rpc {

// Gets the encoded response, or the error.
using BatchDone = absl::AnyInvocable<void(absl::StatusOr<std::string>,
                                          Completion<grpc::ByteBuffer>)>;

// Decides `requests` (AllowRequests on the wire) in order. `response` is the
// beginning of the encoded response; each answer is appended to it as field
// `response_field`. `done` runs exactly once: before this returns if no
// question must wait, else when the last one is answered, on any thread.
//
// All requests are checked before any is decided, so kInvalidArgument and
// kNotFound mean that nothing was taken. After kResourceExhausted some may have
// taken their tokens.
void DecideBatch(coord::Limiter& limiter, const Clock& clock,
                 absl::Span<const absl::string_view> requests,
                 int response_field, std::string response,
                 Completion<grpc::ByteBuffer> completion, BatchDone done);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_RATELIMIT_ALLOW_BATCH_H_
