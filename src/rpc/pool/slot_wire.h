// The pool's Acquire and Release on the wire, read and written by hand: an
// answer costs less than protobuf's part of the call would.
// tests/fuzz/deciding_request_fuzz.cc checks that this reads as protobuf's own
// parser does.
#ifndef OUTRIGGER_RPC_POOL_SLOT_WIRE_H_
#define OUTRIGGER_RPC_POOL_SLOT_WIRE_H_

#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "coord/pool/pools.h"

namespace outrigger::rpc {

// An AcquireRequest. Views point into the bytes that were read, or the message.
struct SlotFields {
  absl::string_view pool;
  absl::string_view session_key;
  int32_t role = 0;  // as on the wire: may be none
  bool has_max_wait = false;
  // As on the wire: may be out of range.
  int64_t max_wait_seconds = 0;
  int32_t max_wait_nanos = 0;
  uint32_t attempt = 0;
  absl::InlinedVector<absl::string_view, 4> avoid;
};

// A ReleaseRequest.
struct ReleaseFields {
  uint64_t lease_id = 0;
  int32_t result = 0;  // as on the wire: may be none
  int64_t duration_seconds = 0;
  int32_t duration_nanos = 0;
};

// False if protobuf would not parse the bytes as that message: broken, or text
// that is not UTF-8. `fields` must be as new.
bool ReadSlotRequest(absl::string_view bytes, SlotFields* fields);
bool ReadReleaseRequest(absl::string_view bytes, ReleaseFields* fields);

// Append the answer as an AcquireResponse, as a ReleaseResponse.
void AppendSlotResponse(const coord::SlotAnswer& answer, std::string* out);
void AppendReleaseResponse(bool released, std::string* out);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_POOL_SLOT_WIRE_H_
