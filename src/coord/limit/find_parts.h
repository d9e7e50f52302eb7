// Which limits apply to a query.
#ifndef OUTRIGGER_COORD_LIMIT_FIND_PARTS_H_
#define OUTRIGGER_COORD_LIMIT_FIND_PARTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "coord/limit/limit_set.h"
#include "coord/limit/limiter.h"
#include "coord/limit/part.h"
#include "coord/limit/pod.h"

namespace outrigger::coord {

// Appends one part for each limit of `set` that applies, with its key; and to
// `names`, unless null, the names that their buckets have in the store. The
// parts hold pointers into `set`. kNotFound: query.limit is unknown;
// kInvalidArgument: a key is too large.
absl::Status FindParts(const Pod& pod, const LimitSet& set,
                       const AllowQuery& query, Parts& parts,
                       std::vector<std::string>* names = nullptr);

}  // namespace outrigger::coord

#endif  // OUTRIGGER_COORD_LIMIT_FIND_PARTS_H_
