#include <string>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "core/durations.h"
#include "outrigger/breaker/v1/breaker.pb.h"
#include "outrigger/grpc_client.h"

namespace outrigger::client {
namespace {

namespace v1 = breaker::v1;
using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;

// Before a denial, in a status' details.
constexpr char kDenial[] = "outrigger-denial:";

grpc::Status ToGrpc(const absl::Status& status) {
  std::string details;
  if (const std::optional<Denial> denial = DenialOf(status)) {
    v1::AcquireResponse response;
    response.set_state(static_cast<v1::State>(denial->state));
    response.set_reason(static_cast<v1::Reason>(denial->reason));
    internal::ToProto(denial->retry_after, response.mutable_retry_after());
    response.set_message(denial->message);
    // What an answer of the sidecar's never has: the policy decided.
    response.set_degraded(denial->source == Source::kFallback);
    details = kDenial + response.SerializeAsString();
  }
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      std::string(status.message()), details);
}

class BreakerInterceptor final : public grpc::experimental::Interceptor {
 public:
  BreakerInterceptor(Breaker breaker,
                     const BreakerInterceptors::Classifier& classify)
      : breaker_(std::move(breaker)), classify_(classify) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    if (denied_) {
      // Nothing is sent, and this is what is received.
      if (methods->QueryInterceptionHookPoint(
              InterceptionHookPoints::PRE_RECV_MESSAGE)) {
        methods->FailHijackedRecvMessage();
      }
      if (methods->QueryInterceptionHookPoint(
              InterceptionHookPoints::PRE_RECV_STATUS)) {
        *methods->GetRecvStatus() = *denied_;
      }
      methods->Proceed();
      return;
    }
    if (methods->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
      Ask(methods);
      return;
    }
    if (methods->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_STATUS) &&
        permit_) {
      permit_->Report(classify_(*methods->GetRecvStatus()));
    }
    methods->Proceed();
  }

 private:
  void Ask(InterceptorBatchMethods* methods) {
    breaker_.AcquireAsync([this, methods](absl::StatusOr<Permit> permit) {
      if (permit.ok()) {
        permit_ = *std::move(permit);
        methods->Proceed();
      } else {
        denied_ = ToGrpc(permit.status());
        methods->Hijack();
      }
    });
  }

  Breaker breaker_;
  const BreakerInterceptors::Classifier& classify_;
  std::optional<Permit> permit_;
  std::optional<grpc::Status> denied_;
};

}  // namespace

std::optional<Denial> DenialOf(const grpc::Status& status) {
  const std::string details = status.error_details();
  absl::string_view bytes = details;
  v1::AcquireResponse response;
  if (!absl::ConsumePrefix(&bytes, kDenial) ||
      !response.ParseFromString(std::string(bytes))) {
    return std::nullopt;
  }
  return Denial{
      .state = static_cast<BreakerState>(response.state()),
      .reason = static_cast<DenialReason>(response.reason()),
      .retry_after = internal::FromProto(response.retry_after()),
      .message = response.message(),
      .source = response.degraded() ? Source::kFallback : Source::kSidecar};
}

Result Classify(const grpc::Status& status) {
  return Classify(
      absl::Status(static_cast<absl::StatusCode>(status.error_code()), ""));
}

grpc::experimental::Interceptor* BreakerInterceptors::CreateClientInterceptor(
    grpc::experimental::ClientRpcInfo* info) {
  std::optional<Breaker> breaker = breaker_of_(info);
  if (!breaker) return nullptr;
  return new BreakerInterceptor(*std::move(breaker), classify_);
}

}  // namespace outrigger::client
