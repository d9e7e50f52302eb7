// What a new configuration changes while the program runs.
#ifndef OUTRIGGER_CONFIG_RELOAD_H_
#define OUTRIGGER_CONFIG_RELOAD_H_

#include <string>
#include <vector>

#include "config/config.h"

namespace outrigger::config {

// The options that differ and are in force only after the next start: all but
// limits, breakers, pools, analyser, profile and telemetry.log_level. Paths,
// e.g. "server.threads".
std::vector<std::string> RestartOnlyChanges(const Config& running,
                                            const Config& next);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_RELOAD_H_
