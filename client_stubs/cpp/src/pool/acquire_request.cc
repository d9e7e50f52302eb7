#include "pool/acquire_request.h"

#include <algorithm>
#include <cstddef>

#include "core/durations.h"
#include "core/text.h"

namespace outrigger::client::internal {
namespace {

// Far below the longest message that the sidecar takes.
constexpr std::size_t kMaxBytes = 1 << 20;

absl::Status CheckText(const std::string& pool, const AcquireOptions& options) {
  if (!IsText(pool)) return absl::InvalidArgumentError("pool: must be UTF-8");
  if (!IsText(options.session_key)) {
    return absl::InvalidArgumentError("session_key: must be UTF-8");
  }
  for (const std::string& address : options.avoid) {
    if (!IsText(address)) {
      return absl::InvalidArgumentError("avoid: must be UTF-8");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<pool::v1::AcquireRequest> ToAcquireRequest(
    const std::string& pool, const AcquireOptions& options) {
  if (absl::Status status = CheckText(pool, options); !status.ok()) {
    return status;
  }
  pool::v1::AcquireRequest request;
  request.set_pool(pool);
  request.set_session_key(options.session_key);
  request.set_role(static_cast<pool::v1::Role>(options.role));
  ToProto(std::max(options.max_wait, absl::ZeroDuration()),
          request.mutable_max_wait());
  request.set_attempt(options.attempt);
  for (const std::string& address : options.avoid) request.add_avoid(address);
  if (request.ByteSizeLong() > kMaxBytes) {
    return absl::InvalidArgumentError("more than 1 MiB to send");
  }
  return request;
}

}  // namespace outrigger::client::internal
