// outrigger.breaker.v1.Breaker, ready to be served.
#ifndef OUTRIGGER_RPC_BREAKER_SERVICE_H_
#define OUTRIGGER_RPC_BREAKER_SERVICE_H_

#include "coord/breaker/breakers.h"
#include "outrigger/breaker/v1/breaker.grpc.pb.h"
#include "rpc/breaker/acquire.h"
#include "rpc/core/call_record.h"
#include "rpc/core/method.h"

namespace outrigger::rpc {

struct BreakerServiceOptions {
  // Watch streams, open at the same time on one serving thread. >= 1.
  int max_streams = 1000;
  // Messages of one Watch that wait for a slow client; beyond, some are
  // replaced by one that says so. >= 1.
  size_t max_waiting_messages = 1000;
};

class BreakerService final : public Service {
 public:
  // References must outlive this.
  BreakerService(const BreakerServiceOptions& options,
                 coord::Breakers& breakers, const Instrumentation& with);

  grpc::Service& grpc_service() override { return service_; }

 private:
  using Api = breaker::v1::Breaker;
  // Acquire takes its messages as bytes: see permit_wire.h.
  using Deciding = Api::WithRawMethod_Acquire<
      Api::WithAsyncMethod_Report<Api::WithAsyncMethod_Watch<Api::Service>>>;
  using AsyncService = Api::WithAsyncMethod_List<
      Api::WithAsyncMethod_Force<Api::WithAsyncMethod_Reset<Deciding>>>;

  void AddDeciding(const Instrumentation& with);
  void AddOthers(const Instrumentation& with);
  void AddWatch(const BreakerServiceOptions& options,
                const Instrumentation& with);

  coord::Breakers& breakers_;
  AsyncService service_;
  PermitHandlers permits_;
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_BREAKER_SERVICE_H_
