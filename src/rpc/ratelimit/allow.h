// The handlers that decide: Allow, AllowMany, AllowStream.
#ifndef OUTRIGGER_RPC_RATELIMIT_ALLOW_H_
#define OUTRIGGER_RPC_RATELIMIT_ALLOW_H_

#include "base/clock.h"
#include "coord/limit/limiter.h"
#include "rpc/wire/byte_buffer.h"

namespace outrigger::rpc {

// Reads the request from the wire, decides, writes the answer. A question that
// must wait (for the store, or for its tokens) is parked in the limiter until
// it is answered, or until its caller has gone. Thread-safe.
class AllowHandlers {
 public:
  // References must outlive this.
  AllowHandlers(coord::Limiter& limiter, const Clock& clock)
      : limiter_(limiter), clock_(clock) {}

  void Allow(const grpc::ByteBuffer& request, RawCompletion completion);
  void AllowMany(const grpc::ByteBuffer& request, RawCompletion completion);
  // One message of a stream. Never fails: an error goes into the answer.
  void AllowStream(const grpc::ByteBuffer& request, RawCompletion completion);

 private:
  void Park(const coord::AllowQuery& query, RawCompletion completion);

  coord::Limiter& limiter_;
  const Clock& clock_;
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_RATELIMIT_ALLOW_H_
