// GetRequest and GetResponse on the wire, read and written by hand: a hit in
// the pod's own copy costs less than protobuf's part of the call would.
// tests/fuzz/cache_get_fuzz.cc checks that this reads as protobuf's own parser
// does.
#ifndef OUTRIGGER_RPC_CACHE_GET_WIRE_H_
#define OUTRIGGER_RPC_CACHE_GET_WIRE_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "coord/cache/cache.h"

namespace outrigger::rpc {

// A GetRequest. Views point into the bytes that were read.
struct GetFields {
  absl::string_view ns;
  absl::string_view key;
  uint64_t if_not_version = 0;
  uint64_t min_version = 0;
  bool has_max_wait = false;
  // As on the wire: may be out of range.
  int64_t max_wait_seconds = 0;
  int32_t max_wait_nanos = 0;
  bool no_fill = false;
};

// False if protobuf would not parse the bytes as a GetRequest: broken, or text
// that is not UTF-8. `fields` must be as new.
bool ReadGetRequest(absl::string_view bytes, GetFields* fields);

// The requests of a GetManyRequest, not yet read.
using GetManyFields = absl::InlinedVector<absl::string_view, 32>;
bool ReadGetMany(absl::string_view bytes, GetManyFields* requests);

// Values of at least this many bytes are not copied: the reply holds on to
// L1's entry until gRPC has sent it.
inline constexpr size_t kLeastShared = 16 << 10;

// The answer as a GetResponse.
grpc::ByteBuffer GetResponseOf(const coord::GetAnswer& answer);

// A GetManyResponse that is being written.
class GetManyWriter {
 public:
  void Add(const coord::GetAnswer& answer);
  // At most once.
  grpc::ByteBuffer Finish();

 private:
  void Flush();

  std::string bytes_;  // not yet in a slice
  std::vector<grpc::Slice> slices_;
};

// The bytes that the answer's GetResponse has of the value.
absl::string_view ValueOf(const coord::GetAnswer& answer);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_CACHE_GET_WIRE_H_
