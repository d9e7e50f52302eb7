#include "breaker/denials.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "core/durations.h"
#include "outrigger/breaker/v1/breaker.pb.h"

namespace outrigger::client {
namespace {

namespace v1 = breaker::v1;

constexpr char kDenial[] =
    "type.googleapis.com/outrigger.breaker.v1.AcquireResponse";
constexpr char kSource[] = "outrigger/source";

}  // namespace

namespace internal {

absl::Status ToStatus(const Denial& denial) {
  v1::AcquireResponse response;
  response.set_state(static_cast<v1::State>(denial.state));
  response.set_reason(static_cast<v1::Reason>(denial.reason));
  ToProto(denial.retry_after, response.mutable_retry_after());
  response.set_message(denial.message);
  absl::Status status = absl::UnavailableError(
      denial.message.empty()
          ? "the breaker denies the call"
          : absl::StrCat("the breaker denies the call: ", denial.message));
  status.SetPayload(kDenial, absl::Cord(response.SerializeAsString()));
  status.SetPayload(kSource, absl::Cord(SourceName(denial.source)));
  return status;
}

}  // namespace internal

std::optional<Denial> DenialOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kDenial);
  v1::AcquireResponse response;
  if (!payload || !response.ParseFromString(std::string(*payload))) {
    return std::nullopt;
  }
  const absl::optional<absl::Cord> source = status.GetPayload(kSource);
  return Denial{.state = static_cast<BreakerState>(response.state()),
                .reason = static_cast<DenialReason>(response.reason()),
                .retry_after = internal::FromProto(response.retry_after()),
                .message = response.message(),
                .source = source && *source == SourceName(Source::kFallback)
                              ? Source::kFallback
                              : Source::kSidecar};
}

Result Classify(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kCancelled:
      return Result::kIgnored;
    case absl::StatusCode::kOk:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return Result::kSuccess;
    default:
      return Result::kFailure;
  }
}

Result ClassifyHttp(int status) {
  return status < 500 ? Result::kSuccess : Result::kFailure;
}

}  // namespace outrigger::client
