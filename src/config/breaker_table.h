// The options of `breakers`.
#ifndef OUTRIGGER_CONFIG_BREAKER_TABLE_H_
#define OUTRIGGER_CONFIG_BREAKER_TABLE_H_

#include <string>
#include <vector>

#include "breaker/options.h"
#include "config/text/node.h"
#include "config/text/problem.h"
#include "config/text/table.h"

namespace outrigger::config {

// Of one breaker. What each option means, and its range: breaker/options.h.
const Table<breaker::BreakerOptions>& BreakerTable();

// After the list at `path` in `root` was read, which need not be there: reports
// what breaker::Validate complains about at the place of the option that it is
// about, and names that are missing or there twice.
void CheckBreakers(const Node& root, const std::string& path,
                   const std::vector<breaker::BreakerOptions>& breakers,
                   Problems& problems);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_BREAKER_TABLE_H_
