// The handlers that change something: Set, SetMany, Abandon, Delete,
// Invalidate; and Warm and Status.
#ifndef OUTRIGGER_RPC_CACHE_WRITES_H_
#define OUTRIGGER_RPC_CACHE_WRITES_H_

#include "coord/cache/cache.h"
#include "outrigger/cache/v1/cache.pb.h"
#include "rpc/core/completion.h"

namespace outrigger::rpc {

// Thread-safe.
class WriteHandlers {
 public:
  // `cache` must outlive this.
  explicit WriteHandlers(coord::Cache& cache) : cache_(cache) {}

  void Set(const cache::v1::SetRequest& request,
           Completion<cache::v1::SetResponse> completion);
  // All requests are checked before any is stored, so kInvalidArgument with a
  // path, and kNotFound, mean that nothing was stored. After other errors some
  // may have been.
  void SetMany(const cache::v1::SetManyRequest& request,
               Completion<cache::v1::SetManyResponse> completion);
  void Abandon(const cache::v1::AbandonRequest& request,
               Completion<cache::v1::AbandonResponse> completion);
  void Delete(const cache::v1::DeleteRequest& request,
              Completion<cache::v1::DeleteResponse> completion);
  void Invalidate(const cache::v1::InvalidateRequest& request,
                  Completion<cache::v1::InvalidateResponse> completion);
  void Warm(const cache::v1::WarmRequest& request,
            Completion<cache::v1::WarmResponse> completion);
  void Status(Completion<cache::v1::StatusResponse> completion);

 private:
  coord::Cache& cache_;
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_CACHE_WRITES_H_
