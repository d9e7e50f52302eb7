// The caches' part of `top`.
#ifndef OUTRIGGER_CLI_TOP_CACHE_ROWS_H_
#define OUTRIGGER_CLI_TOP_CACHE_ROWS_H_

#include <string>
#include <vector>

#include "outrigger/cache/v1/cache.pb.h"

namespace outrigger::cli {

// A heading and a line for each cache that was ever asked; nothing if there is
// none. Rates are of the difference between the two looks, `seconds` apart.
std::vector<std::string> CacheRows(const cache::v1::StatusResponse& before,
                                   const cache::v1::StatusResponse& now,
                                   double seconds);

}  // namespace outrigger::cli

#endif  // OUTRIGGER_CLI_TOP_CACHE_ROWS_H_
