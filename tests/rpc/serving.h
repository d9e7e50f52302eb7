// A real server in this process, on a Unix socket of its own, around a real
// limiter: what the tests of rpc/ call.
#ifndef OUTRIGGER_TESTS_RPC_SERVING_H_
#define OUTRIGGER_TESTS_RPC_SERVING_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/timer_thread.h"
#include "coord/limit/limiter.h"
#include "outrigger/ratelimit/v1/rate_limiter.grpc.pb.h"
#include "rpc/core/server.h"
#include "rpc/ratelimit/service.h"
#include "rpc/standard/health.h"
#include "rpc/standard/reflection.h"
#include "telemetry/registry.h"

namespace outrigger::rpc {

namespace v1 = ratelimit::v1;

// A folder that is removed at the end.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// `tokens` per `period`, keyed by "user".
limit::LimitConfig PerUser(const std::string& name, double tokens,
                           std::chrono::microseconds period, double burst);

class Serving {
 public:
  struct Options {
    std::vector<limit::LimitConfig> limits;
    ServerOptions server;
    RateLimiterOptions rate_limiter;
    coord::Limiter::Options limiter;
    telemetry::Tracer::Options tracing;
    // Null: nothing is traced.
    telemetry::SpanSink* spans = nullptr;
    // Besides the Unix socket.
    std::vector<Listener> listeners;
  };
  explicit Serving(Options options);
  ~Serving();

  // A new connection.
  std::shared_ptr<grpc::Channel> Connect() const;
  v1::RateLimiter::Stub& stub() { return *stub_; }
  Server& server() { return *server_; }
  HealthService& health() { return *health_; }
  coord::Limiter& limiter() { return *limiter_; }
  const std::string& socket() const { return socket_; }
  int Port(size_t listener) const { return server_->ports()[listener]; }
  telemetry::Registry& registry() { return registry_; }
  // The value of a counter, or the count of a histogram, with these attributes;
  // 0 if there is none.
  double Counted(const telemetry::MetricInfo& metric,
                 const telemetry::Attributes& attributes) const;

  // As a user would, cost 1.
  grpc::Status Allow(const std::string& user, v1::AllowResponse* response);

 private:
  TempFolder folder_;
  const std::string socket_ = folder_.File("s.sock");
  SystemClock clock_;
  PseudoRandomSource random_;
  telemetry::Registry registry_;
  std::unique_ptr<telemetry::Tracer> tracer_;
  TimerThread timers_{clock_};
  std::unique_ptr<coord::Limiter> limiter_;
  std::unique_ptr<RateLimiterService> service_;
  std::unique_ptr<HealthService> health_;
  std::unique_ptr<Service> reflection_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<v1::RateLimiter::Stub> stub_;
};

// Answers in time, for calls that should not fail by it.
void SetPatience(grpc::ClientContext* context);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_TESTS_RPC_SERVING_H_
