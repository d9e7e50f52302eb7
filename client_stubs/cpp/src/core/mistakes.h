// Which errors are the caller's doing, and which a fallback answers.
#ifndef OUTRIGGER_CLIENT_CORE_MISTAKES_H_
#define OUTRIGGER_CLIENT_CORE_MISTAKES_H_

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"

namespace outrigger::client::internal {

// INVALID_ARGUMENT, NOT_FOUND and their like. All else means that the sidecar
// did not answer.
inline bool IsMistake(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kOutOfRange:
      return true;
    default:
      return false;
  }
}

inline bool IsMistake(const absl::Status& status) {
  return IsMistake(status.code());
}

inline absl::Status FromGrpc(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
}

inline constexpr char kClosed[] = "the client is closed";

// For calls after the close.
inline absl::Status ClosedError() { return absl::CancelledError(kClosed); }

}  // namespace outrigger::client::internal

#endif  // OUTRIGGER_CLIENT_CORE_MISTAKES_H_
