// A method as the server sees it, and the counting of its calls.
#ifndef OUTRIGGER_RPC_CORE_METHOD_H_
#define OUTRIGGER_RPC_CORE_METHOD_H_

#include <grpc/support/time.h>
#include <grpcpp/impl/codegen/service_type.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "rpc/core/serving_thread.h"
#include "telemetry/registry.h"

namespace outrigger::rpc {

// Counts the calls of one method by status. Thread-safe; a call costs one
// uncontended atomic addition.
class CallCounters {
 public:
  // `registry` must outlive this.
  CallCounters(std::string method, telemetry::Registry& registry);
  void Count(absl::StatusCode code) {
    telemetry::Counter* counter =
        by_code_[Index(code)].load(std::memory_order_acquire);
    (counter != nullptr ? *counter : Make(code)).Add();
  }

 private:
  static constexpr size_t kCodes = 17;
  static size_t Index(absl::StatusCode code) {
    const auto value = static_cast<size_t>(code);
    return value < kCodes ? value : 2;  // 2: UNKNOWN
  }
  // Made at the first call that needs it: most methods have few statuses.
  telemetry::Counter& Make(absl::StatusCode code);

  const std::string method_;
  telemetry::Registry& registry_;
  std::array<std::atomic<telemetry::Counter*>, kCodes> by_code_{};
};

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
