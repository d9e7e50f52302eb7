// The breaker's AcquireRequest and AcquireResponse on the wire, read and
// written by hand: an answer costs less than protobuf's part of the call would.
// tests/fuzz/deciding_request_fuzz.cc checks that this reads as protobuf's own
// parser does.
#ifndef OUTRIGGER_RPC_BREAKER_PERMIT_WIRE_H_
#define OUTRIGGER_RPC_BREAKER_PERMIT_WIRE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "coord/breaker/breakers.h"

namespace outrigger::rpc {

// An AcquireRequest. Views point into the bytes that were read.
struct PermitFields {
  absl::string_view breaker;
  absl::string_view method;
  // As on the wire: may be out of range.
  int64_t timeout_seconds = 0;
  int32_t timeout_nanos = 0;
  uint64_t session = 0;
};

// False if protobuf would not parse the bytes as an AcquireRequest: broken, or
// text that is not UTF-8. `fields` must be as new.
bool ReadPermitRequest(absl::string_view bytes, PermitFields* fields);

// Appends the answer as an AcquireResponse.
void AppendPermitResponse(const coord::PermitAnswer& answer, std::string* out);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_BREAKER_PERMIT_WIRE_H_
