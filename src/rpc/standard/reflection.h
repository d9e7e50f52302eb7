// gRPC's reflection protocol, v1 and v1alpha, on our own queues: gRPC's own
// service is a synchronous one and would bring polling threads.
#ifndef OUTRIGGER_RPC_STANDARD_REFLECTION_H_
#define OUTRIGGER_RPC_STANDARD_REFLECTION_H_

#include <memory>
#include <string>
#include <vector>

#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "rpc/core/call_record.h"
#include "rpc/core/method.h"

namespace outrigger::rpc {

// Answers one question from the descriptors that are linked in. `services`:
// full names. Exposed for tests.
void AnswerReflection(
    const std::vector<std::string>& services,
    const grpc::reflection::v1alpha::ServerReflectionRequest& request,
    grpc::reflection::v1alpha::ServerReflectionResponse& response);

// The service under one of its two names. `GrpcService` is either version's
// ServerReflection.
template <typename GrpcService>
class ReflectionService final : public Service {
 public:
  // `services`: the full names that are told. `with` is copied.
  ReflectionService(std::vector<std::string> services,
                    const Instrumentation& with);

  grpc::Service& grpc_service() override { return service_; }

 private:
  typename GrpcService::AsyncService service_;
};

extern template class ReflectionService<grpc::reflection::v1::ServerReflection>;
extern template class ReflectionService<
    grpc::reflection::v1alpha::ServerReflection>;

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_STANDARD_REFLECTION_H_
