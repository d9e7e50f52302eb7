// Every command.
#ifndef OUTRIGGER_CLI_COMMANDS_H_
#define OUTRIGGER_CLI_COMMANDS_H_

#include <vector>

#include "cli/command.h"

namespace outrigger::cli {

// Of this machine: serve, check, version.
Command ServeCommand();
Command CheckCommand();
Command VersionCommand();

// Of a running sidecar. Exit codes of allow: 0 allowed, 1 denied, 2 no answer.
Command AllowCommand();
Command ReportCommand();
Command RefundCommand();
// 0 if it serves, 1 if it says that it does not, 2 if it does not answer.
Command ProbeCommand();
Command TopCommand();

// Of its cache. Exit codes of get: 0 there is a value, 1 there is none, 2 no
// answer; of the others: 0 done, 1 refused.
Command CacheGetCommand();
Command CacheSetCommand();
Command CacheDeleteCommand();
Command CacheInvalidateCommand();
Command CacheWarmCommand();
Command CacheWatchCommand();
Command CacheStatusCommand();
// Needs no sidecar.
Command CacheSimulateCommand();

// Of its breakers. Exit codes of acquire: 0 allowed, 1 denied, 2 no answer.
Command BreakerListCommand();
Command BreakerWatchCommand();
Command BreakerForceCommand();
Command BreakerResetCommand();
Command BreakerAcquireCommand();
Command BreakerReportCommand();

// Of its pools. Exit codes of acquire: 0 acquired, 1 none, 2 no answer.
Command PoolStatusCommand();
Command PoolAcquireCommand();
Command PoolReleaseCommand();

// All of them, in the order of the help.
inline std::vector<Command> AllCommands() {
  return {
      ServeCommand(),         CheckCommand(),        AllowCommand(),
      ReportCommand(),        RefundCommand(),       CacheGetCommand(),
      CacheSetCommand(),      CacheDeleteCommand(),  CacheInvalidateCommand(),
      CacheWarmCommand(),     CacheWatchCommand(),   CacheStatusCommand(),
      CacheSimulateCommand(), BreakerListCommand(),  BreakerWatchCommand(),
      BreakerForceCommand(),  BreakerResetCommand(), BreakerAcquireCommand(),
      BreakerReportCommand(), PoolStatusCommand(),   PoolAcquireCommand(),
      PoolReleaseCommand(),   TopCommand(),          ProbeCommand(),
      VersionCommand()};
}

}  // namespace outrigger::cli

#endif  // OUTRIGGER_CLI_COMMANDS_H_
