// Whether a question to the cache can be asked: its bounds, with the field's
// path in the error.
#ifndef OUTRIGGER_COORD_CACHE_QUERY_CHECKS_H_
#define OUTRIGGER_COORD_CACHE_QUERY_CHECKS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cache/options.h"
#include "coord/cache/cache.h"

namespace outrigger::coord {

// OK, or kInvalidArgument (kFailedPrecondition for what is not configured).
absl::Status CheckKey(absl::string_view key);
absl::Status CheckSet(const SetQuery& query,
                      const cache::NamespaceOptions& options);
absl::Status CheckInvalidate(const InvalidateQuery& query);
absl::Status CheckWatch(const WatchQuery& query);
absl::Status CheckPull(const Cache::PullQuery& query,
                       const cache::NamespaceOptions& options);
absl::Status CheckKeys(absl::string_view field,
                       const std::vector<std::string>& keys);

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_CACHE_QUERY_CHECKS_H_
