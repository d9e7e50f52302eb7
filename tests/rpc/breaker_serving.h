// A real server in this process around real breakers, whose store is in memory:
// what the tests of rpc/breaker call.
#ifndef OUTRIGGER_TESTS_RPC_BREAKER_SERVING_H_
#define OUTRIGGER_TESTS_RPC_BREAKER_SERVING_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "coord/breaker/breakers.h"
#include "outrigger/breaker/v1/breaker.grpc.pb.h"
#include "rpc/breaker/service.h"
#include "rpc/local_server.h"
#include "store/memory_breaker_store.h"

namespace outrigger::rpc {

class BreakerServing {
 public:
  using Api = breaker::v1::Breaker;
  using Stub = Api::Stub;

  struct Options {
    // None: "payments", which opens after three failures and for a second, and
    // "api", whose methods have breakers of their own.
    std::vector<breaker::BreakerOptions> breakers{};
    BreakerServiceOptions service{};
    coord::Breakers::Settings settings{};
    // Null: nothing is traced.
    telemetry::SpanSink* spans = nullptr;
  };
  explicit BreakerServing(Options options)
      : world_(options.spans),
        store_(world_.clock),
        breakers_(options.settings, Filled(options.breakers), world_.clock,
                  world_.timers, world_.random, world_.registry, store_),
        service_(options.service, breakers_,
                 {world_.registry, world_.tracer, world_.clock}),
        server_(std::make_unique<LocalServer>(world_.folder, service_)),
        stub_(Api::NewStub(server_->Connect())) {}
  BreakerServing() : BreakerServing(Options{}) {}
  ~BreakerServing() {
    server_ = nullptr;
    breakers_.Drain([] {});
    world_.timers.Stop();
  }

  Stub& stub() { return *stub_; }
  Server& server() { return server_->server(); }
  coord::Breakers& breakers() { return breakers_; }
  const World& world() const { return world_; }
  std::unique_ptr<Stub> Connect() { return Api::NewStub(server_->Connect()); }

  // As a caller would; fail the test unless the call is OK.
  breaker::v1::AcquireResponse Acquire(
      const breaker::v1::AcquireRequest& request) {
    breaker::v1::AcquireResponse response;
    const grpc::Status status =
        CallOf(*stub_, &Stub::Acquire, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  breaker::v1::AcquireResponse Acquire(const std::string& breaker,
                                       const std::string& method = "") {
    breaker::v1::AcquireRequest request;
    request.set_breaker(breaker);
    request.set_method(method);
    return Acquire(request);
  }
  // How many were dropped.
  uint32_t Report(const std::string& breaker,
                  const breaker::v1::AcquireResponse& acquired,
                  breaker::v1::Result result, const std::string& method = "") {
    breaker::v1::ReportRequest request;
    breaker::v1::Outcome& outcome = *request.add_outcomes();
    outcome.set_breaker(breaker);
    outcome.set_method(method);
    outcome.set_permit(acquired.permit());
    outcome.set_generation(acquired.generation());
    outcome.set_result(result);
    breaker::v1::ReportResponse response;
    const grpc::Status status =
        CallOf(*stub_, &Stub::Report, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.dropped();
  }
  // Calls fail until the breaker has opened.
  void Trip(const std::string& breaker, const std::string& method = "") {
    for (int i = 0; i < 100; ++i) {
      const auto acquired = Acquire(breaker, method);
      if (!acquired.allowed()) return;
      Report(breaker, acquired, breaker::v1::FAILURE, method);
    }
    ADD_FAILURE() << breaker << " did not open";
  }
  breaker::v1::BreakerStatus StatusOf(const std::string& breaker) {
    breaker::v1::ListRequest request;
    request.set_breaker(breaker);
    breaker::v1::ListResponse response;
    const grpc::Status status = CallOf(*stub_, &Stub::List, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.breakers_size() == 0 ? breaker::v1::BreakerStatus()
                                         : response.breakers(0);
  }

 private:
  static std::vector<breaker::BreakerOptions> Filled(
      std::vector<breaker::BreakerOptions> breakers) {
    if (!breakers.empty()) return breakers;
    return {{.name = "payments",
             .consecutive_failures = 3,
             .open_for = std::chrono::seconds(1),
             .open_jitter = 0,
             .recover_for = Duration::zero()},
            {.name = "api", .consecutive_failures = 3, .per_method = true}};
  }

  World world_;
  store::MemoryBreakerStore store_;
  coord::Breakers breakers_;
  BreakerService service_;
  std::unique_ptr<LocalServer> server_;
  std::unique_ptr<Stub> stub_;
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_TESTS_RPC_BREAKER_SERVING_H_
