#include "otlp/send/outcome.h"

#include <grpcpp/support/status.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace outrigger::otlp {
namespace {

// A collector that asks for more is not believed.
constexpr Duration kLongestRetryAfter = std::chrono::hours(1);
// Of what a stranger says.
constexpr size_t kLongestMessage = 300;

const char* NameOf(grpc::StatusCode code) {
  static constexpr const char* kNames[] = {"OK",
                                           "CANCELLED",
                                           "UNKNOWN",
                                           "INVALID_ARGUMENT",
                                           "DEADLINE_EXCEEDED",
                                           "NOT_FOUND",
                                           "ALREADY_EXISTS",
                                           "PERMISSION_DENIED",
                                           "RESOURCE_EXHAUSTED",
                                           "FAILED_PRECONDITION",
                                           "ABORTED",
                                           "OUT_OF_RANGE",
                                           "UNIMPLEMENTED",
                                           "INTERNAL",
                                           "UNAVAILABLE",
                                           "DATA_LOSS",
                                           "UNAUTHENTICATED"};
  const auto at = static_cast<size_t>(code);
  return at < std::size(kNames) ? kNames[at] : "UNKNOWN";
}

// The delay of a RetryInfo among the details; unset if there is none.
std::optional<Duration> RetryDelay(const google::rpc::Status& status) {
  for (const google::protobuf::Any& detail : status.details()) {
    if (!absl::EndsWith(detail.type_url(), "/google.rpc.RetryInfo")) continue;
    google::rpc::RetryInfo info;
    if (!info.ParseFromString(detail.value())) continue;
    const double seconds =
        static_cast<double>(info.retry_delay().seconds()) +
        1e-9 * static_cast<double>(info.retry_delay().nanos());
    const double most = ToSeconds(kLongestRetryAfter);
    return std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(std::clamp(seconds, 0.0, most)));
  }
  return std::nullopt;
}

bool MayRetry(grpc::StatusCode code, bool has_retry_info) {
  switch (code) {
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::OUT_OF_RANGE:
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DATA_LOSS:
      return true;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return has_retry_info;
    default:
      return false;
  }
}

// The three responses have the same fields under the same numbers.
Outcome OutcomeOfResponse(absl::string_view response) {
  opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse parsed;
  if (!parsed.ParseFromArray(response.data(),
                             static_cast<int>(response.size()))) {
    return {.message = "the answer is not OTLP's", .error_type = "bad_answer"};
  }
  const auto& partial = parsed.partial_success();
  return {.kind = Outcome::Kind::kAccepted,
          .rejected = std::max<int64_t>(partial.rejected_spans(), 0),
          .message = partial.error_message().substr(0, kLongestMessage)};
}

// Seconds, or a date.
Duration RetryAfter(const std::string& header, WallTime now) {
  int64_t seconds = 0;
  if (!absl::SimpleAtoi(header, &seconds)) {
    absl::Time at;
    if (!absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", header, &at, nullptr)) {
      return {};
    }
    const absl::Time from = absl::FromUnixNanos(now.time_since_epoch().count());
    seconds = absl::ToInt64Seconds(absl::Ceil(at - from, absl::Seconds(1)));
  }
  const int64_t most =
      std::chrono::duration_cast<std::chrono::seconds>(kLongestRetryAfter)
          .count();
  return std::chrono::seconds(std::clamp<int64_t>(seconds, 0, most));
}

bool IsProtobuf(const std::string& content_type) {
  return absl::StartsWithIgnoreCase(content_type, "application/x-protobuf");
}

}  // namespace

Outcome OutcomeOfGrpc(const grpc::Status& status, absl::string_view response) {
  if (status.ok()) return OutcomeOfResponse(response);
  google::rpc::Status details;
  std::optional<Duration> delay;
  if (details.ParseFromString(status.error_details())) {
    delay = RetryDelay(details);
  }
  return {.kind = MayRetry(status.error_code(), delay.has_value())
                      ? Outcome::Kind::kRetry
                      : Outcome::Kind::kRefused,
          .retry_after = delay.value_or(Duration::zero()),
          .message = status.error_message().substr(0, kLongestMessage),
          .error_type = NameOf(status.error_code())};
}

Outcome OutcomeOfHttp(const HttpReply& reply, WallTime now) {
  if (reply.code >= 200 && reply.code < 300) {
    // Whoever answers with a page is not a collector.
    if (!reply.body.empty() && !IsProtobuf(reply.content_type)) {
      return {.message = absl::StrCat("the answer is not OTLP's but ",
                                      reply.content_type.substr(0, 60)),
              .error_type = "bad_answer"};
    }
    return OutcomeOfResponse(reply.body);
  }
  Outcome outcome{.message = absl::StrCat("HTTP ", reply.code),
                  .error_type = absl::StrCat(reply.code)};
  google::rpc::Status status;
  if (IsProtobuf(reply.content_type) && status.ParseFromString(reply.body) &&
      !status.message().empty()) {
    absl::StrAppend(&outcome.message, ": ",
                    status.message().substr(0, kLongestMessage));
  }
  const bool retry = reply.code == 429 || reply.code == 502 ||
                     reply.code == 503 || reply.code == 504;
  if (retry) {
    outcome.kind = Outcome::Kind::kRetry;
    outcome.retry_after =
        std::max(RetryAfter(reply.retry_after, now),
                 RetryDelay(status).value_or(Duration::zero()));
  }
  return outcome;
}

Outcome NoAnswer(absl::string_view error_type, absl::string_view message) {
  return {.kind = Outcome::Kind::kRetry,
          .message = std::string(message.substr(0, kLongestMessage)),
          .error_type = std::string(error_type)};
}

}  // namespace outrigger::otlp
