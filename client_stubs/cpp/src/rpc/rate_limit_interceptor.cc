#include <string>

#include "outrigger/grpc_server.h"
#include "outrigger/headers.h"
#include "rpc/answers.h"

namespace outrigger::client {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;

// How a handler is told: an entry in the metadata that it received. A caller
// that sends it denies itself.
constexpr char kDenied[] = "outrigger-denied";

class RateLimitInterceptor final : public grpc::experimental::Interceptor {
 public:
  RateLimitInterceptor(Limiter& limiter,
                       const RateLimitInterceptors::AttributesOf& attributes_of,
                       const char* method)
      : limiter_(limiter), attributes_of_(attributes_of), method_(method) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(
            InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      Decide(*methods->GetRecvInitialMetadata());
    }
    if (methods->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_STATUS)) {
      for (const auto& [name, value] : headers_) {
        methods->GetSendTrailingMetadata()->emplace(name, value);
      }
      if (!answer_.ok()) methods->ModifySendStatus(answer_);
    }
    methods->Proceed();
  }

 private:
  void Decide(RateLimitInterceptors::ReceivedMetadata& metadata) {
    const std::optional<Attributes> attributes =
        attributes_of_(method_, metadata);
    if (!attributes) return;
    const absl::StatusOr<Decision> decision =
        limiter_.Allow(*attributes, {.detail = true});
    answer_ = internal::ToAnswer(decision);
    if (decision.ok()) headers_ = RateLimitHeaders(*decision);
    if (!answer_.ok()) {
      metadata.emplace(kDenied,
                       grpc::string_ref(message_ = answer_.error_message()));
    }
  }

  Limiter& limiter_;
  const RateLimitInterceptors::AttributesOf& attributes_of_;
  const char* const method_;
  grpc::Status answer_;
  Metadata headers_;
  std::string message_;  // the metadata's entry refers to it
};

}  // namespace

grpc::experimental::Interceptor* RateLimitInterceptors::CreateServerInterceptor(
    grpc::experimental::ServerRpcInfo* info) {
  return new RateLimitInterceptor(limiter_, attributes_of_, info->method());
}

grpc::Status Admitted(const grpc::ServerContextBase& context) {
  const auto denied = context.client_metadata().find(kDenied);
  if (denied == context.client_metadata().end()) return grpc::Status::OK;
  return grpc::Status(
      grpc::StatusCode::RESOURCE_EXHAUSTED,
      std::string(denied->second.data(), denied->second.size()));
}

}  // namespace outrigger::client
