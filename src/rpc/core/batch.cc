#include "rpc/core/batch.h"

#include "absl/strings/str_cat.h"

namespace outrigger::rpc {

absl::Status CheckBatchSize(size_t size) {
  if (size >= 1 && size <= kMaxBatch) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("requests: ", size, "; 1 to ", kMaxBatch, " are allowed"));
}

absl::Status InBatch(size_t index, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat("requests[", index, "].", status.message()));
}

}  // namespace outrigger::rpc
