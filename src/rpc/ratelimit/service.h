// outrigger.ratelimit.v1.RateLimiter, ready to be served.
#ifndef OUTRIGGER_RPC_RATELIMIT_SERVICE_H_
#define OUTRIGGER_RPC_RATELIMIT_SERVICE_H_

#include <memory>

#include "coord/limit/limiter.h"
#include "outrigger/ratelimit/v1/rate_limiter.grpc.pb.h"
#include "rpc/core/call_record.h"
#include "rpc/core/method.h"
#include "rpc/ratelimit/allow.h"

namespace outrigger::rpc {

struct RateLimiterOptions {
  // AllowStream streams open at the same time on one serving thread. >= 1.
  int max_streams = 10'000;
  // Messages of one stream that are being decided at the same time. >= 1.
  int max_messages_per_stream = 256;
};

class RateLimiterService final : public Service {
 public:
  // References must outlive this.
  RateLimiterService(const RateLimiterOptions& options, coord::Limiter& limiter,
                     const Instrumentation& with);

  grpc::Service& grpc_service() override { return service_; }

 private:
  using RateLimiter = ratelimit::v1::RateLimiter;
  // The deciding methods take their messages as bytes: see allow_wire.h.
  using AsyncService =
      RateLimiter::WithRawMethod_Allow<RateLimiter::WithRawMethod_AllowMany<
          RateLimiter::WithRawMethod_AllowStream<
              RateLimiter::WithAsyncMethod_Report<
                  RateLimiter::WithAsyncMethod_Refund<
                      RateLimiter::WithAsyncMethod_Status<
                          RateLimiter::Service>>>>>>;

  void AddDeciding(const RateLimiterOptions& options,
                   const Instrumentation& with);
  void AddOthers(coord::Limiter& limiter, const Instrumentation& with);

  AsyncService service_;
  AllowHandlers allow_;
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_RATELIMIT_SERVICE_H_
