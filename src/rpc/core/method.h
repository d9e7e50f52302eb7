// A method as the server sees it, and a service.
#ifndef OUTRIGGER_RPC_CORE_METHOD_H_
#define OUTRIGGER_RPC_CORE_METHOD_H_

#include <grpc/support/time.h>
#include <grpcpp/impl/codegen/service_type.h>

#include <memory>
#include <vector>

#include "base/clock.h"
#include "rpc/core/serving_thread.h"

namespace outrigger::rpc {

// Accepts the calls of one method on every serving thread.
class Method {
 public:
  virtual ~Method() = default;
  // Begins to accept calls there. Before the thread starts.
  virtual void Start(ServingThread& thread) = 0;
  // Ends long streams: what was read is answered, no more is read. Runs on that
  // thread. Nothing to do for unary calls.
  virtual void Drain(ServingThread& thread) {}
};

// Something to serve: gRPC's service and its methods. The service outlives the
// server.
class Service {
 public:
  virtual ~Service() = default;
  virtual grpc::Service& grpc_service() = 0;
  const std::vector<std::unique_ptr<Method>>& methods() const {
    return methods_;
  }

 protected:
  std::vector<std::unique_ptr<Method>> methods_;
};

// A deadline as gRPC has it, on our timeline. gRPC's monotonic clock is
// CLOCK_MONOTONIC, as is SystemClock's.
MonotonicTime ToMonotonicTime(gpr_timespec deadline);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_CORE_METHOD_H_
