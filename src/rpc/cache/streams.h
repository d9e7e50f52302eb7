// The handlers of streams: Watch, PullWrites.
#ifndef OUTRIGGER_RPC_CACHE_STREAMS_H_
#define OUTRIGGER_RPC_CACHE_STREAMS_H_

#include <chrono>
#include <memory>

#include "base/clock.h"
#include "coord/cache/cache.h"
#include "outrigger/cache/v1/cache.pb.h"
#include "rpc/core/completion.h"
#include "rpc/streams/server_stream_call.h"

namespace outrigger::rpc {

// A PullWrites message is answered, with nothing, after this long.
inline constexpr Duration kLongestPull = std::chrono::seconds(30);

// Sends events until the stream is over.
void HandleWatch(coord::Cache& cache, const cache::v1::WatchRequest& request,
                 std::shared_ptr<OutStream<cache::v1::WatchEvent>> stream);

// What a watcher gets in place of events that found no room.
cache::v1::WatchEvent ResyncEvent();

// Answers one message of the stream when there are writes.
void HandlePull(coord::Cache& cache,
                const cache::v1::PullWritesRequest& request,
                Completion<cache::v1::PullWritesResponse> completion);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_CACHE_STREAMS_H_
