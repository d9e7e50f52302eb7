// gRPC's health protocol, on our own queues: gRPC's default service would bring
// threads of its own.
#ifndef OUTRIGGER_RPC_STANDARD_HEALTH_H_
#define OUTRIGGER_RPC_STANDARD_HEALTH_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "rpc/core/call_record.h"
#include "rpc/core/method.h"

namespace outrigger::rpc {

// A Watch stream under way.
class HealthWatch;

// Serving, for the server as a whole ("") and for each of its services, until
// told otherwise. Does not depend on the fleet's store: a sidecar without one
// still answers. Thread-safe.
class HealthService final : public Service {
 public:
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;
  using AsyncService = grpc::health::v1::Health::AsyncService;

  // `services`: full names. `with` is copied.
  HealthService(std::vector<std::string> services, const Instrumentation& with);
  ~HealthService() override;

  grpc::Service& grpc_service() override { return service_; }

  // Tells watchers, too.
  void SetServing(bool serving) ABSL_LOCKS_EXCLUDED(mutex_);
  // Ends the watchers' streams, so that connections can close.
  void EndWatches() ABSL_LOCKS_EXCLUDED(mutex_);

  // SERVICE_UNKNOWN if there is no service of that name.
  Status StatusOf(absl::string_view service) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  friend class HealthWatch;
  void Add(HealthWatch* watch) ABSL_LOCKS_EXCLUDED(mutex_);
  void Remove(HealthWatch* watch) ABSL_LOCKS_EXCLUDED(mutex_);

  AsyncService service_;
  const std::vector<std::string> names_;
  mutable absl::Mutex mutex_;
  bool serving_ ABSL_GUARDED_BY(mutex_) = true;
  absl::flat_hash_set<HealthWatch*> watches_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_STANDARD_HEALTH_H_
