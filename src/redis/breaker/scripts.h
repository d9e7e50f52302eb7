// The Lua scripts of breakers, ready to send.
#ifndef OUTRIGGER_REDIS_BREAKER_SCRIPTS_H_
#define OUTRIGGER_REDIS_BREAKER_SCRIPTS_H_

#include <vector>

#include "redis/wire/command.h"

namespace outrigger::redis {

// Each script's file (redis/scripts/breaker_*.lua) says what its keys,
// arguments and answer are. They live as long as the process.
const Script& BreakerReadScript();
const Script& BreakerReportScript();
const Script& BreakerSwapScript();

// All of them.
std::vector<const Script*> AllBreakerScripts();

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_BREAKER_SCRIPTS_H_
