// google.protobuf.Duration in messages, and how long a call may wait.
#ifndef OUTRIGGER_RPC_WIRE_TIMES_H_
#define OUTRIGGER_RPC_WIRE_TIMES_H_

#include <google/protobuf/duration.pb.h>

#include <chrono>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"

namespace outrigger::rpc {

inline constexpr Duration kOneHour = std::chrono::hours(1);

// A Duration's two numbers; kInvalidArgument, with the field's path, if one is
// negative or there are too many nanoseconds. Beyond `most` it is one
// nanosecond more, so that nothing overflows.
absl::Status ReadTime(absl::string_view field, int64_t seconds, int64_t nanos,
                      Duration most, Duration* time);

// The same, and kInvalidArgument beyond one hour.
absl::Status ReadUpToOneHour(absl::string_view field, int64_t seconds,
                             int64_t nanos, Duration* time);

// REQUIRES: time >= 0.
void SetTime(Duration time, google::protobuf::Duration* to);

// How long a call with that deadline can wait for what it asks for: what is
// left, less what an answer needs to reach its caller, so that one whose
// patience ends gets an answer, not an error. Duration::max() if the deadline
// is MonotonicTime::max().
Duration UsableTime(MonotonicTime deadline, const Clock& clock);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_WIRE_TIMES_H_
