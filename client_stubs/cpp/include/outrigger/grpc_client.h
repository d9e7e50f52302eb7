// A circuit breaker for all calls of a gRPC channel.
//
//   std::vector<std::unique_ptr<
//       grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
//   interceptors.push_back(std::make_unique<BreakerInterceptors>(payments));
//   auto channel = grpc::experimental::CreateCustomChannelWithInterceptors(
//       target, credentials, arguments, std::move(interceptors));
#ifndef OUTRIGGER_GRPC_CLIENT_H_
#define OUTRIGGER_GRPC_CLIENT_H_

#include <grpcpp/support/client_interceptor.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <optional>
#include <utility>

#include "outrigger/breaker.h"

namespace outrigger::client {

// Set if a call's status is a breaker's denial.
std::optional<Denial> DenialOf(const grpc::Status& status);

// The usual classification; see Classify(const absl::Status&).
Result Classify(const grpc::Status& status);

// Asks the breaker before each call, without blocking, and reports how it
// ended. A denied call is not sent: it ends with UNAVAILABLE, see DenialOf. A
// call whose status is never asked for counts as ignored. Thread-safe.
class BreakerInterceptors
    : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  using BreakerOf =
      std::function<std::optional<Breaker>(grpc::experimental::ClientRpcInfo*)>;
  using Classifier = std::function<Result(const grpc::Status&)>;

  explicit BreakerInterceptors(Breaker breaker)
      : BreakerInterceptors(
            [breaker = std::move(breaker)](grpc::experimental::ClientRpcInfo*) {
              return breaker;
            }) {}
  // With a breaker for each call, by its method for instance; unset: none.
  explicit BreakerInterceptors(
      BreakerOf breaker_of,
      Classifier classify = [](const grpc::Status& s) { return Classify(s); })
      : breaker_of_(std::move(breaker_of)), classify_(std::move(classify)) {}

  grpc::experimental::Interceptor* CreateClientInterceptor(
      grpc::experimental::ClientRpcInfo* info) override;

 private:
  BreakerOf breaker_of_;
  Classifier classify_;
};

}  // namespace outrigger::client

#endif  // OUTRIGGER_GRPC_CLIENT_H_
