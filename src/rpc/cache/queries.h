// Messages as the cache's questions. What is checked here is what only a
// message can get wrong; all else the cache checks itself, with the field's
// path.
#ifndef OUTRIGGER_RPC_CACHE_QUERIES_H_
#define OUTRIGGER_RPC_CACHE_QUERIES_H_

#include "absl/status/status.h"
#include "base/clock.h"
#include "coord/cache/cache.h"
#include "outrigger/cache/v1/cache.pb.h"
#include "rpc/cache/get_wire.h"

namespace outrigger::rpc {

// Make the question, which views its argument. kInvalidArgument with the path.
absl::Status MakeGet(const GetFields& fields, coord::GetQuery* query);
absl::Status MakeSet(const cache::v1::SetRequest& request,
                     coord::SetQuery* query);
coord::InvalidateQuery MakeInvalidate(
    const cache::v1::InvalidateRequest& request);

// No wait beyond the time left, less what an answer needs: so that a caller
// whose patience ends gets an answer, not an error. `deadline` may be
// MonotonicTime::max().
void BoundWait(MonotonicTime deadline, const Clock& clock,
               coord::GetQuery* query);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_CACHE_QUERIES_H_
