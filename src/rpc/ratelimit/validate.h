// What callers may ask, checked with the field's path in the message.
#ifndef OUTRIGGER_RPC_RATELIMIT_VALIDATE_H_
#define OUTRIGGER_RPC_RATELIMIT_VALIDATE_H_

#include <google/protobuf/map.h>

#include <string>

#include "absl/status/status.h"
#include "base/clock.h"
#include "coord/limit/limiter.h"
#include "rpc/ratelimit/allow_wire.h"

namespace outrigger::rpc {

inline constexpr size_t kMaxNameBytes = 128;
inline constexpr size_t kMaxValueBytes = 1024;

// Makes the question, which views `fields`; or kInvalidArgument with the path.
absl::Status MakeQuery(const AllowFields& fields, coord::AllowQuery* query);

// No wait beyond the time left: then a wait that would outlive its caller is
// denied at once, with retry_after. `deadline` may be MonotonicTime::max().
void BoundWait(MonotonicTime deadline, const Clock& clock,
               coord::AllowQuery* query);

// The attributes of a message that protobuf has read; views it.
using AttributeMap = google::protobuf::Map<std::string, std::string>;
void TakeAttributes(const AttributeMap& attributes, AllowFields* fields);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_RATELIMIT_VALIDATE_H_
