// The options of `cache`.
#ifndef OUTRIGGER_CONFIG_CACHE_TABLE_H_
#define OUTRIGGER_CONFIG_CACHE_TABLE_H_

#include <string>

#include "cache/options.h"
#include "config/text/node.h"
#include "config/text/problem.h"
#include "config/text/table.h"

namespace outrigger::config {

// What each means, and its range: cache/options.h. All need a restart.
const Table<cache::Options>& CacheTable();

// After the table was read from the node at `path` in `root`, which need not be
// there. No namespaces: one named "default". Checks each, gives each its share
// of the memory, and reports what cache::Validate and cache::ShareMemory
// complain about at the place of the option that it is about.
void FinishCache(const Node& root, const std::string& path,
                 cache::Options& options, Problems& problems);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_CACHE_TABLE_H_
