// A server of one service on a Unix socket of its own, with all that a service
// is made with.
#ifndef OUTRIGGER_TESTS_RPC_LOCAL_SERVER_H_
#define OUTRIGGER_TESTS_RPC_LOCAL_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/timer_thread.h"
#include "rpc/core/server.h"
#include "rpc/serving.h"
#include "telemetry/registry.h"

namespace outrigger::rpc {

// What the parts and their services need.
struct World {
  explicit World(telemetry::SpanSink* spans)
      : tracer(telemetry::Tracer::Options{}, clock, random, spans) {}

  // The value of a counter with these attributes; 0 if there is none.
  double Counted(const telemetry::MetricInfo& metric,
                 const telemetry::Attributes& attributes) const {
    const telemetry::Snapshot snapshot = registry.Collect();
    const telemetry::Metric* found = telemetry::Find(snapshot, metric.name);
    if (found == nullptr) return 0;
    for (const telemetry::Point& point : found->points) {
      if (*point.attributes == attributes) return telemetry::NumberOf(point);
    }
    return 0;
  }

  TempFolder folder;
  SystemClock clock;
  PseudoRandomSource random;
  telemetry::Registry registry;
  telemetry::Tracer tracer;
  TimerThread timers{clock};
};

class LocalServer {
 public:
  // Both must outlive it.
  LocalServer(const TempFolder& folder, Service& service)
      : target_("unix:" + folder.File("s.sock")) {
    auto server = Server::Start(
        {}, {{target_, grpc::InsecureServerCredentials()}}, {&service});
    if (!server.ok()) throw std::runtime_error(server.status().ToString());
    server_ = *std::move(server);
  }

  // A new connection.
  std::shared_ptr<grpc::Channel> Connect() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(
        target_, grpc::InsecureChannelCredentials(), arguments);
  }
  Server& server() { return *server_; }

 private:
  const std::string target_;
  std::unique_ptr<Server> server_;
};

// A unary call with patience.
template <typename Stub, typename Request, typename Response>
grpc::Status CallOf(Stub& stub,
                    grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                 const Request&, Response*),
                    const Request& request, Response* response) {
  grpc::ClientContext context;
  SetPatience(&context);
  return (stub.*method)(&context, request, response);
}

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_TESTS_RPC_LOCAL_SERVER_H_
