// The Lua scripts of limits, ready to send.
#ifndef OUTRIGGER_REDIS_LIMITS_SCRIPTS_H_
#define OUTRIGGER_REDIS_LIMITS_SCRIPTS_H_

#include <vector>

#include "redis/wire/command.h"

namespace outrigger::redis {

// Each script's file says what its keys, arguments and answer are. They live as
// long as the process.
const Script& TakeOneScript();
const Script& TakeScript();
const Script& LeaseScript();
const Script& RefundScript();
const Script& AdjustScript();
const Script& HeartbeatScript();

// All of them.
std::vector<const Script*> AllLimitScripts();

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_LIMITS_SCRIPTS_H_
