// The options of one limit.
#ifndef OUTRIGGER_CONFIG_LIMIT_TABLE_H_
#define OUTRIGGER_CONFIG_LIMIT_TABLE_H_

#include "config/text/table.h"
#include "limit/limit_config.h"

namespace outrigger::config {

// name, key, match, algorithm, rate, burst, coordination, on_store_loss,
// overrides, shadow, adaptive. Formats only: what an option allows beside the
// others is for config/limits.h.
const Table<limit::LimitConfig>& LimitTable();

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_LIMIT_TABLE_H_
