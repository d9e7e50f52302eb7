// gRPC's buffers as bytes, and the reverse.
#ifndef OUTRIGGER_RPC_WIRE_BYTE_BUFFER_H_
#define OUTRIGGER_RPC_WIRE_BYTE_BUFFER_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "rpc/core/completion.h"

namespace outrigger::rpc {

using RawCompletion = Completion<grpc::ByteBuffer>;

// The bytes of a message, in one piece; views `slice`. Copies only if gRPC
// received them in several.
inline absl::string_view BytesOf(const grpc::ByteBuffer& buffer,
                                 grpc::Slice* slice) {
  if (!buffer.TrySingleSlice(slice).ok() &&
      !buffer.DumpToSingleSlice(slice).ok()) {
    return {};
  }
  return {reinterpret_cast<const char*>(slice->begin()), slice->size()};
}

// Answers with `bytes`.
inline void FinishWithBytes(const std::string& bytes,
                            RawCompletion completion) {
  const grpc::Slice slice(bytes);
  completion.response() = grpc::ByteBuffer(&slice, 1);
  completion.Finish();
}

inline absl::Status NotAMessage(absl::string_view type) {
  return absl::InvalidArgumentError(
      absl::StrCat("the request is not a valid ", type));
}

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_WIRE_BYTE_BUFFER_H_
