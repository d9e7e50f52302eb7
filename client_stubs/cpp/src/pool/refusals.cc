#include "pool/refusals.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "core/durations.h"
#include "outrigger/pool/v1/pool.pb.h"

namespace outrigger::client {
namespace {

namespace v1 = pool::v1;

constexpr char kRefusal[] =
    "type.googleapis.com/outrigger.pool.v1.AcquireResponse";
constexpr char kSource[] = "outrigger/source";

}  // namespace

namespace internal {

absl::Status ToStatus(const Refusal& refusal) {
  v1::AcquireResponse response;
  response.set_reason(static_cast<v1::Reason>(refusal.reason));
  response.set_advice(static_cast<v1::Advice>(refusal.advice));
  ToProto(refusal.retry_after, response.mutable_retry_after());
  absl::Status status = absl::UnavailableError(absl::StrCat(
      "the pool has no slot: ", v1::Reason_Name(response.reason())));
  status.SetPayload(kRefusal, absl::Cord(response.SerializeAsString()));
  status.SetPayload(kSource, absl::Cord(SourceName(refusal.source)));
  return status;
}

}  // namespace internal

std::optional<Refusal> RefusalOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kRefusal);
  v1::AcquireResponse response;
  if (!payload || !response.ParseFromString(std::string(*payload))) {
    return std::nullopt;
  }
  const absl::optional<absl::Cord> source = status.GetPayload(kSource);
  return Refusal{.reason = static_cast<RefusalReason>(response.reason()),
                 .advice = static_cast<Advice>(response.advice()),
                 .retry_after = internal::FromProto(response.retry_after()),
                 .source = source && *source == SourceName(Source::kFallback)
                               ? Source::kFallback
                               : Source::kSidecar};
}

}  // namespace outrigger::client
