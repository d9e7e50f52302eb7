// outrigger.cache.v1.Cache, ready to be served.
#ifndef OUTRIGGER_RPC_CACHE_SERVICE_H_
#define OUTRIGGER_RPC_CACHE_SERVICE_H_

#include "coord/cache/cache.h"
#include "outrigger/cache/v1/cache.grpc.pb.h"
#include "rpc/cache/get.h"
#include "rpc/cache/writes.h"
#include "rpc/core/call_record.h"
#include "rpc/core/method.h"

namespace outrigger::rpc {

struct CacheServiceOptions {
  // Watch streams, and PullWrites streams, open at the same time on one serving
  // thread. >= 1.
  int max_streams = 1000;
  // Events of one Watch that wait for a slow client; beyond, some are replaced
  // by a RESYNC. >= 1.
  size_t max_waiting_events = 1000;
};

class CacheService final : public Service {
 public:
  // References must outlive this.
  CacheService(const CacheServiceOptions& options, coord::Cache& cache,
               const Instrumentation& with);

  grpc::Service& grpc_service() override { return service_; }

 private:
  using Api = cache::v1::Cache;
  // Get and GetMany take their messages as bytes: see get_wire.h.
  using Reading = Api::WithRawMethod_Get<
      Api::WithRawMethod_GetMany<Api::WithAsyncMethod_Watch<
          Api::WithAsyncMethod_PullWrites<Api::Service>>>>;
  using Writing = Api::WithAsyncMethod_Set<Api::WithAsyncMethod_SetMany<
      Api::WithAsyncMethod_Abandon<Api::WithAsyncMethod_Delete<
          Api::WithAsyncMethod_Invalidate<Reading>>>>>;
  using AsyncService =
      Api::WithAsyncMethod_Warm<Api::WithAsyncMethod_Status<Writing>>;

  void AddReading(const Instrumentation& with);
  void AddWriting(const Instrumentation& with);
  void AddStreams(const CacheServiceOptions& options,
                  const Instrumentation& with);

  coord::Cache& cache_;
  AsyncService service_;
  GetHandlers get_;
  WriteHandlers writes_;
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_CACHE_SERVICE_H_
