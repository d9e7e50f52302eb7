// The pool's handlers besides Acquire, Release and Hold.
#ifndef OUTRIGGER_RPC_POOL_OTHERS_H_
#define OUTRIGGER_RPC_POOL_OTHERS_H_

#include "coord/pool/pools.h"
#include "outrigger/pool/v1/pool.pb.h"
#include "rpc/core/completion.h"

namespace outrigger::rpc {

// All answer at once.
void HandleRenew(coord::Pools& pools, const pool::v1::RenewRequest& request,
                 Completion<pool::v1::RenewResponse> completion);
void HandlePick(coord::Pools& pools, const pool::v1::PickRequest& request,
                Completion<pool::v1::PickResponse> completion);
void HandleReportLoad(coord::Pools& pools,
                      const pool::v1::ReportLoadRequest& request,
                      Completion<pool::v1::ReportLoadResponse> completion);
void HandleStatus(const coord::Pools& pools,
                  const pool::v1::StatusRequest& request,
                  Completion<pool::v1::StatusResponse> completion);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_POOL_OTHERS_H_
