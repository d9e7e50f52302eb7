// The Lua scripts of caches, ready to send.
#ifndef OUTRIGGER_REDIS_CACHE_SCRIPTS_H_
#define OUTRIGGER_REDIS_CACHE_SCRIPTS_H_

#include <vector>

#include "redis/wire/command.h"

namespace outrigger::redis {

// Each script's file (redis/scripts/cache_*.lua) says what its keys, arguments
// and answer are. They live as long as the process.
const Script& CacheAcquireScript();
const Script& CacheWriteScript();
const Script& CacheRemoveScript();
const Script& CacheAbandonScript();
const Script& CacheMarkScript();
const Script& CacheReadMarksScript();
const Script& CachePullScript();
const Script& CacheAcknowledgeScript();
const Script& CacheHeatScript();

// All of them.
std::vector<const Script*> AllCacheScripts();

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_CACHE_SCRIPTS_H_
