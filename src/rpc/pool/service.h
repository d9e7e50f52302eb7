// outrigger.pool.v1.Pool, ready to be served.
#ifndef OUTRIGGER_RPC_POOL_SERVICE_H_
#define OUTRIGGER_RPC_POOL_SERVICE_H_

#include "coord/pool/pools.h"
#include "outrigger/pool/v1/pool.grpc.pb.h"
#include "rpc/core/call_record.h"
#include "rpc/core/method.h"
#include "rpc/pool/slots.h"

namespace outrigger::rpc {

struct PoolServiceOptions {
  // Hold streams, open at the same time on one serving thread. >= 1.
  int max_streams = 10'000;
};

class PoolService final : public Service {
 public:
  // References must outlive this.
  PoolService(const PoolServiceOptions& options, coord::Pools& pools,
              const Instrumentation& with);

  grpc::Service& grpc_service() override { return service_; }

 private:
  using Api = pool::v1::Pool;
  // Acquire and Release take their messages as bytes: see slot_wire.h.
  using Holding = Api::WithRawMethod_Acquire<Api::WithRawMethod_Release<
      Api::WithAsyncMethod_Renew<Api::WithAsyncMethod_Hold<Api::Service>>>>;
  using AsyncService = Api::WithAsyncMethod_Pick<
      Api::WithAsyncMethod_ReportLoad<Api::WithAsyncMethod_Status<Holding>>>;

  void AddSlots(const Instrumentation& with);
  void AddHold(const PoolServiceOptions& options, const Instrumentation& with);
  void AddOthers(const Instrumentation& with);

  coord::Pools& pools_;
  AsyncService service_;
  SlotHandlers slots_;
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_POOL_SERVICE_H_
