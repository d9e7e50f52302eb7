// The handlers beside deciding: Report, Refund, Status.
#ifndef OUTRIGGER_RPC_RATELIMIT_OUTCOMES_H_
#define OUTRIGGER_RPC_RATELIMIT_OUTCOMES_H_

#include "coord/limit/limiter.h"
#include "outrigger/ratelimit/v1/rate_limiter.pb.h"
#include "rpc/core/completion.h"

namespace outrigger::rpc {

namespace v1 = ratelimit::v1;

void HandleReport(coord::Limiter& limiter, const v1::ReportRequest& request,
                  Completion<v1::ReportResponse> completion);
void HandleRefund(coord::Limiter& limiter, const v1::RefundRequest& request,
                  Completion<v1::RefundResponse> completion);
void HandleStatus(const coord::Limiter& limiter,
                  Completion<v1::StatusResponse> completion);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_RATELIMIT_OUTCOMES_H_
