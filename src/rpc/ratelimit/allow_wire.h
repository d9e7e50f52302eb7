// AllowRequest and AllowResponse on the wire, read and written by hand.
//
// A decision costs about as much as protobuf needs to build one map entry, so
// Allow reads its request where it lies in gRPC's buffer: names and values are
// views, nothing is copied or allocated. tests/fuzz/allow_request_fuzz.cc
// checks that this reads as protobuf's own parser does.
#ifndef OUTRIGGER_RPC_RATELIMIT_ALLOW_WIRE_H_
#define OUTRIGGER_RPC_RATELIMIT_ALLOW_WIRE_H_

#include <cstdint>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "coord/limit/limiter.h"
#include "limit/matcher.h"

namespace outrigger::rpc {

inline constexpr size_t kMaxAttributes = 64;

// An AllowRequest; also reads RefundRequest, whose fields are some of the same.
// Views point into the bytes that were read.
struct AllowFields {
  // No name twice; the last of several entries counts, in the first one's
  // place.
  absl::InlinedVector<limit::Attribute, 8> attributes;
  // There were more than kMaxAttributes different names; the rest was dropped.
  bool too_many_attributes = false;
  uint64_t cost = 1;
  // As on the wire: may be out of range. Zero if unset.
  int64_t max_wait_seconds = 0;
  int32_t max_wait_nanos = 0;
  absl::string_view limit;
  bool detail = false;
};

// False if protobuf would not parse the bytes as an AllowRequest: broken, or
// text that is not UTF-8. `fields` must be as new.
bool ReadAllowRequest(absl::string_view bytes, AllowFields* fields);

// A message that holds AllowRequests: AllowManyRequest (field 1), or
// AllowStreamRequest (field 2, and `id` in field 1).
struct BatchFields {
  uint64_t id = 0;
  // The requests' bytes; not yet read.
  absl::InlinedVector<absl::string_view, 64> requests;
};
bool ReadAllowMany(absl::string_view bytes, BatchFields* fields);
bool ReadAllowStream(absl::string_view bytes, BatchFields* fields);

// Appends the answer's AllowResponse.
void AppendAllowResponse(const coord::AllowAnswer& answer, std::string* out);

// Appends it as a field of a message that holds AllowResponses.
void AppendAllowResponseField(int field, const coord::AllowAnswer& answer,
                              std::string* out);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_RATELIMIT_ALLOW_WIRE_H_
