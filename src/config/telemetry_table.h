// The section `telemetry`.
#ifndef OUTRIGGER_CONFIG_TELEMETRY_TABLE_H_
#define OUTRIGGER_CONFIG_TELEMETRY_TABLE_H_

#include "config/config.h"
#include "config/text/table.h"

namespace outrigger::config {

const Table<Telemetry>& TelemetryTable();

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_TELEMETRY_TABLE_H_
