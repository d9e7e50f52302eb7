// The handlers that read: Get, GetMany.
#ifndef OUTRIGGER_RPC_CACHE_GET_H_
#define OUTRIGGER_RPC_CACHE_GET_H_

#include <grpcpp/support/byte_buffer.h>

#include "base/clock.h"
#include "coord/cache/cache.h"
#include "rpc/wire/byte_buffer.h"

namespace outrigger::rpc {

// Most bytes of the values in one GetManyResponse; more are
// RESOURCE_EXHAUSTED, and the tokens that it would have given are given up.
inline constexpr size_t kMaxGetManyBytes = 64 << 20;

// Reads the request from the wire, asks the cache, writes the answer. What is
// not in the pod is waited for until it comes, or until the caller has gone.
// Thread-safe.
class GetHandlers {
 public:
  // References must outlive this.
  GetHandlers(coord::Cache& cache, const Clock& clock)
      : cache_(cache), clock_(clock) {}

  void Get(const grpc::ByteBuffer& request, RawCompletion completion);
  void GetMany(const grpc::ByteBuffer& request, RawCompletion completion);

 private:
  void Park(coord::GetQuery query, RawCompletion completion);

  coord::Cache& cache_;
  const Clock& clock_;
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_CACHE_GET_H_
