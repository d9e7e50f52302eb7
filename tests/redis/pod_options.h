// The options of a pod's stores over real servers.
#ifndef OUTRIGGER_TESTS_REDIS_POD_OPTIONS_H_
#define OUTRIGGER_TESTS_REDIS_POD_OPTIONS_H_

#include <chrono>

#include "redis/options.h"
#include "support/redis_server.h"

namespace outrigger::redis {

// The options for one server, with a timeout that a busy machine keeps.
inline Options PodOptions(const Address& address) {
  Options options;
  options.addresses = {address};
  options.timeout = std::chrono::seconds(2);
  return options;
}

inline Options PodOptions(const RedisCluster& cluster) {
  Options options;
  options.mode = Mode::kCluster;
  options.addresses = cluster.addresses();
  options.timeout = std::chrono::seconds(3);
  return options;
}

}  // namespace outrigger::redis

#endif  // OUTRIGGER_TESTS_REDIS_POD_OPTIONS_H_
