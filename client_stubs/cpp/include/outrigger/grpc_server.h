// Rate limits for a gRPC server.
//
// At the beginning of a handler:
//   if (auto status = Guard(limiter, *context, {{"user", user}}); !status.ok())
//     return status;
//
// A denied call is answered RESOURCE_EXHAUSTED with retry-after, ratelimit and
// ratelimit-policy in its trailing metadata; an admitted one has the last two.
#ifndef OUTRIGGER_GRPC_SERVER_H_
#define OUTRIGGER_GRPC_SERVER_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_interceptor.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "outrigger/limiter.h"

namespace outrigger::client {

// Asks, for at most the client's timeout. OK: go on. RESOURCE_EXHAUSTED:
// denied. INTERNAL: the question was a mistake, or the client is closed. For
// synchronous handlers.
grpc::Status Guard(Limiter& limiter, grpc::ServerContextBase& context,
                   const Attributes& attributes, AllowOptions options = {});

// The same without blocking, for callback and completion-queue handlers: `done`
// runs as Limiter::AllowAsync's. `context` must be there until then.
void GuardAsync(Limiter& limiter, grpc::ServerContextBase& context,
                const Attributes& attributes, AllowOptions options,
                absl::AnyInvocable<void(grpc::Status)> done);

// What an installed RateLimitInterceptors decided for this call: OK, or
// RESOURCE_EXHAUSTED. Costs nothing. The first line of a handler that is not to
// run for calls that are denied.
grpc::Status Admitted(const grpc::ServerContextBase& context);

// Asks for every call of a server, before its handler:
//
//   std::vector<std::unique_ptr<
//       grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
//   interceptors.push_back(std::make_unique<RateLimitInterceptors>(
//       limiter, attributes_of));
//   builder.experimental().SetInterceptorCreators(std::move(interceptors));
//
// gRPC C++ does not let an interceptor keep a handler from running. So a denied
// call's caller gets RESOURCE_EXHAUSTED whatever the handler answers, and the
// handler runs all the same, unless it begins with Admitted.
//
// It blocks the server's thread for at most the client's timeout. Thread-safe.
class RateLimitInterceptors
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  using ReceivedMetadata = std::multimap<grpc::string_ref, grpc::string_ref>;
  // What a call is for; unset: it is not limited. `method` is
  // "/package.Service/Method". Runs on the server's threads.
  using AttributesOf = std::function<std::optional<Attributes>(
      const char* method, const ReceivedMetadata& metadata)>;

  RateLimitInterceptors(Limiter limiter, AttributesOf attributes_of)
      : limiter_(std::move(limiter)),
        attributes_of_(std::move(attributes_of)) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override;

 private:
  Limiter limiter_;
  AttributesOf attributes_of_;
};

}  // namespace outrigger::client

#endif  // OUTRIGGER_GRPC_SERVER_H_
