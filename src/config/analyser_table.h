// The options of `analyser`.
#ifndef OUTRIGGER_CONFIG_ANALYSER_TABLE_H_
#define OUTRIGGER_CONFIG_ANALYSER_TABLE_H_

#include "analyser/options.h"
#include "config/text/table.h"

namespace outrigger::config {

// What each means: analyser/options.h. All follow the file while running.
Table<analyser::Options> AnalyserTable();

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_ANALYSER_TABLE_H_
