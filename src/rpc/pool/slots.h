// The handlers of the pool's Acquire and Release.
#ifndef OUTRIGGER_RPC_POOL_SLOTS_H_
#define OUTRIGGER_RPC_POOL_SLOTS_H_

#include <grpcpp/support/byte_buffer.h>

#include "base/clock.h"
#include "coord/pool/pools.h"
#include "rpc/wire/byte_buffer.h"

namespace outrigger::rpc {

// What a trace tells of an answer; those of note are traced in any case.
void DescribeSlot(absl::string_view pool, const coord::SlotAnswer& answer,
                  telemetry::ActiveSpan& span);

// Reads the request from the wire, asks the pools, writes the answer. Who must
// wait is waited for until the caller has gone; a slot that its caller can not
// hear of any more is free at once. Thread-safe.
class SlotHandlers {
 public:
  // References must outlive this.
  SlotHandlers(coord::Pools& pools, const Clock& clock)
      : pools_(pools), clock_(clock) {}

  void Acquire(const grpc::ByteBuffer& request, RawCompletion completion);
  void Release(const grpc::ByteBuffer& request, RawCompletion completion);

 private:
  void Park(coord::SlotQuery query, RawCompletion completion);

  coord::Pools& pools_;
  const Clock& clock_;
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_POOL_SLOTS_H_
