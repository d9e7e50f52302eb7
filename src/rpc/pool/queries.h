// Messages as the pools' questions, and their answers as messages. What is
// checked here is what only a message can get wrong; all else the pools check
// themselves, with the field's path.
#ifndef OUTRIGGER_RPC_POOL_QUERIES_H_
#define OUTRIGGER_RPC_POOL_QUERIES_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "coord/pool/pools.h"
#include "outrigger/pool/v1/pool.pb.h"
#include "rpc/pool/slot_wire.h"
#include "telemetry/trace/span_context.h"

namespace outrigger::rpc {

// What a message has, viewed.
SlotFields FieldsOf(const pool::v1::AcquireRequest& request);
ReleaseFields FieldsOf(const pool::v1::ReleaseRequest& request);

// Make the question, which views `fields`. kInvalidArgument with the path.
absl::Status MakeQuery(const SlotFields& fields, coord::SlotQuery* query);
// Its duration is only checked: how long slots are held the pool measures.
absl::Status MakeRelease(const ReleaseFields& fields, pool::Outcome* outcome);

// As the pools want it for their report of leaks.
coord::TraceId TraceOf(const telemetry::TraceId& id);
// 32 hexadecimal digits; empty: none.
std::string TraceHex(const coord::TraceId& id);

// "timeout", …; empty for kNone.
absl::string_view ReasonName(coord::SlotReason reason);

void Fill(const coord::SlotEndpoint& from, pool::v1::Endpoint* to);
void Fill(const coord::SlotAnswer& from, pool::v1::AcquireResponse* to);

static_assert(static_cast<int>(pool::Role::kShard) == pool::v1::SHARD &&
              static_cast<int>(coord::SlotReason::kQueueFull) ==
                  pool::v1::QUEUE_FULL &&
              static_cast<int>(coord::SlotAdvice::kFallBack) ==
                  pool::v1::FALL_BACK);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_POOL_QUERIES_H_
