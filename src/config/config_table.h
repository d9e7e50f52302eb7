// Every option there is.
#ifndef OUTRIGGER_CONFIG_CONFIG_TABLE_H_
#define OUTRIGGER_CONFIG_CONFIG_TABLE_H_

#include "config/config.h"
#include "config/text/table.h"

namespace outrigger::config {

// The root's table. What an option allows by itself is here; what it allows
// beside the others is checked by config/load.h.
const Table<Config>& ConfigTable();

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_CONFIG_TABLE_H_
