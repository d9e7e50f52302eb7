// The options of `pools`.
#ifndef OUTRIGGER_CONFIG_POOL_TABLE_H_
#define OUTRIGGER_CONFIG_POOL_TABLE_H_

#include <string>
#include <vector>

#include "config/text/node.h"
#include "config/text/problem.h"
#include "config/text/table.h"
#include "pool/options.h"

namespace outrigger::config {

// Of one pool. What each option means, and its range: pool/options.h.
const Table<pool::PoolOptions>& PoolTable();

// After the list at `path` in `root` was read, which need not be there. Pools
// that name no zone are in `zone`, and checks whose timeout is not given have
// no more time than until the next one. Reports what pool::Validate complains
// about at the place of the option that it is about, and names that are missing
// or there twice.
void FinishPools(const Node& root, const std::string& path,
                 const std::string& zone, std::vector<pool::PoolOptions>& pools,
                 Problems& problems);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_POOL_TABLE_H_
