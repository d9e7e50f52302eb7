// What is served over gRPC.
#ifndef OUTRIGGER_SERVER_SERVICES_H_
#define OUTRIGGER_SERVER_SERVICES_H_

#include <memory>
#include <vector>

#include "rpc/core/call_record.h"
#include "rpc/core/method.h"
#include "rpc/standard/health.h"
#include "server/parts.h"

namespace outrigger::server {

// The four parts' services, health and reflection.
class Services {
 public:
  // References must outlive it.
  Services(Parts& parts, const rpc::Instrumentation& with);

  // For the server, which must not outlive this.
  const std::vector<rpc::Service*>& all() const { return all_; }
  rpc::HealthService& health() { return *health_; }

 private:
  void Add(std::unique_ptr<rpc::Service> service);

  std::vector<std::unique_ptr<rpc::Service>> owned_;
  std::vector<rpc::Service*> all_;
  rpc::HealthService* health_ = nullptr;
};

}  // namespace outrigger::server

#endif  // OUTRIGGER_SERVER_SERVICES_H_
