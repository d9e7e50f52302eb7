// What callers may ask of the cache, checked with the field's path in the
// message. That a namespace exists, and what it allows, is the cache's to say.
#ifndef OUTRIGGER_RPC_CACHE_VALIDATE_H_
#define OUTRIGGER_RPC_CACHE_VALIDATE_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "coord/cache/cache.h"
#include "outrigger/cache/v1/cache.pb.h"
#include "rpc/cache/get_wire.h"

namespace outrigger::rpc {

// 1 to 64 bytes of namespace, 1 to coord::kMaxCacheKeyBytes of key.
absl::Status CheckNamespace(absl::string_view ns);
absl::Status CheckName(absl::string_view ns, absl::string_view key);

// Make the question, which views its argument.
absl::Status MakeGet(const GetFields& fields, coord::GetQuery* query);
absl::Status MakeSet(const cache::v1::SetRequest& request,
                     coord::SetQuery* query);
absl::Status MakeInvalidate(const cache::v1::InvalidateRequest& request,
                            coord::InvalidateQuery* query);

// At most kMaxBatch of each, of the right length; any may be empty.
using Texts = google::protobuf::RepeatedPtrField<std::string>;
absl::Status CheckKeys(const Texts& keys);
absl::Status CheckTags(const Texts& tags, size_t most);

// No wait beyond the time left, less what an answer needs: so that a caller
// whose patience ends gets an answer, not an error. `deadline` may be
// MonotonicTime::max().
void BoundWait(MonotonicTime deadline, const Clock& clock,
               coord::GetQuery* query);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_CACHE_VALIDATE_H_
