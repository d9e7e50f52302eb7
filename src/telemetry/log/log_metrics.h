// How much is logged, as metrics.
#ifndef OUTRIGGER_TELEMETRY_LOG_LOG_METRICS_H_
#define OUTRIGGER_TELEMETRY_LOG_LOG_METRICS_H_

#include "telemetry/log/record.h"
#include "telemetry/registry.h"

namespace outrigger::telemetry {

// Logs are of the whole process, so their counts are, too; a registry shows
// them while what this returns lives. `registry` must outlive it.
[[nodiscard]] Observation ObserveLog(Registry& registry);

// For Log alone. Thread-safe.
void CountLogEvent(LogLevel level);
void CountHeldBackLogEvent();

}  // namespace outrigger::telemetry

#endif  // OUTRIGGER_TELEMETRY_LOG_LOG_METRICS_H_
