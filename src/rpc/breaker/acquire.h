// The handler of the breaker's Acquire.
#ifndef OUTRIGGER_RPC_BREAKER_ACQUIRE_H_
#define OUTRIGGER_RPC_BREAKER_ACQUIRE_H_

#include <grpcpp/support/byte_buffer.h>

#include "base/clock.h"
#include "coord/breaker/breakers.h"
#include "rpc/wire/byte_buffer.h"

namespace outrigger::rpc {

// Reads the request from the wire, asks the breakers, writes the answer. Who
// may have a probe waits for the store, until the caller has gone; then the
// probe goes back, also if it was granted but its answer is not sent any more.
// Thread-safe.
class PermitHandlers {
 public:
  // References must outlive this.
  PermitHandlers(coord::Breakers& breakers, const Clock& clock)
      : breakers_(breakers), clock_(clock) {}

  void Acquire(const grpc::ByteBuffer& request, RawCompletion completion);

 private:
  void Park(const coord::PermitQuery& query, RawCompletion completion);

  coord::Breakers& breakers_;
  const Clock& clock_;
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_BREAKER_ACQUIRE_H_
