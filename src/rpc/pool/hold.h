// The handler of the pool's Hold.
#ifndef OUTRIGGER_RPC_POOL_HOLD_H_
#define OUTRIGGER_RPC_POOL_HOLD_H_

#include <memory>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "coord/pool/pools.h"
#include "outrigger/pool/v1/pool.pb.h"
#include "rpc/streams/stream_session.h"

namespace outrigger::rpc {

using HoldStream = StreamSession<pool::v1::HoldRequest, pool::v1::HoldResponse>;

// A stream that owns the leases that are acquired on it: they do not expire
// while it is open, and are free when it is over. `sender` is told of those
// that are lost. References must outlive it and what is asked on it.
// kResourceExhausted: too many are open.
absl::StatusOr<std::unique_ptr<HoldStream>> OpenHold(
    coord::Pools& pools, const Clock& clock,
    std::shared_ptr<StreamSender<pool::v1::HoldResponse>> sender);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_POOL_HOLD_H_
