// The section `store.redis`.
//
// Where: one of
//   url       see redis/url.h; user, password and database may stand in it
//   cluster   a list of host:port, some of the cluster's nodes
//   sentinel  {master, addresses, username, password}
// and if none is there, redis://127.0.0.1:6379. Any option of tls turns TLS on,
// unless tls.enabled says false. The other options are as in redis/options.h,
// and win over the URL.
#ifndef OUTRIGGER_CONFIG_REDIS_TABLE_H_
#define OUTRIGGER_CONFIG_REDIS_TABLE_H_

#include <string>

#include "config/text/node.h"
#include "config/text/problem.h"
#include "config/text/table.h"
#include "redis/options.h"

namespace outrigger::config {

const Table<redis::Options>& RedisTable();

// After the table was read: fills in where Redis is if nobody said, and checks
// all with redis::Validate. `root` is the whole tree.
void FinishRedis(const Node& root, const std::string& path,
                 redis::Options& options, Problems& problems);

}  // namespace outrigger::config

#endif  // OUTRIGGER_CONFIG_REDIS_TABLE_H_
