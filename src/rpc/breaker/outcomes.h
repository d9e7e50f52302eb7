// The breaker's handlers besides Acquire and Watch.
#ifndef OUTRIGGER_RPC_BREAKER_OUTCOMES_H_
#define OUTRIGGER_RPC_BREAKER_OUTCOMES_H_

#include "coord/breaker/breakers.h"
#include "outrigger/breaker/v1/breaker.pb.h"
#include "rpc/core/completion.h"

namespace outrigger::rpc {

// Answer at once, or when the store has answered.
void HandleReport(coord::Breakers& breakers,
                  const breaker::v1::ReportRequest& request,
                  Completion<breaker::v1::ReportResponse> completion);
void HandleList(const coord::Breakers& breakers,
                const breaker::v1::ListRequest& request,
                Completion<breaker::v1::ListResponse> completion);
void HandleForce(coord::Breakers& breakers,
                 const breaker::v1::ForceRequest& request,
                 Completion<breaker::v1::ForceResponse> completion);
void HandleReset(coord::Breakers& breakers,
                 const breaker::v1::ResetRequest& request,
                 Completion<breaker::v1::ResetResponse> completion);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_BREAKER_OUTCOMES_H_
