// The handler of the breaker's Watch.
#ifndef OUTRIGGER_RPC_BREAKER_WATCH_H_
#define OUTRIGGER_RPC_BREAKER_WATCH_H_

#include <memory>

#include "coord/breaker/breakers.h"
#include "outrigger/breaker/v1/breaker.pb.h"
#include "rpc/streams/server_stream_call.h"

namespace outrigger::rpc {

// Sends the breakers' states until the stream is over; then the probes that
// were acquired with its session go back.
void HandleWatch(coord::Breakers& breakers,
                 const breaker::v1::WatchRequest& request,
                 std::shared_ptr<OutStream<breaker::v1::WatchResponse>> stream);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_BREAKER_WATCH_H_
