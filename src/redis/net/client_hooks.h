// What the user of a Redis client may add to its connections.
#ifndef OUTRIGGER_REDIS_NET_CLIENT_HOOKS_H_
#define OUTRIGGER_REDIS_NET_CLIENT_HOOKS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "redis/net/login.h"
#include "redis/wire/command.h"

namespace outrigger::redis {

// Runs on the client's thread; must not block.
class ClientHooks {
 public:
  virtual ~ClientHooks() = default;

  // A connection to `server` is logged in. The commands returned go out, and
  // are answered, before any other on this connection; they have no deadline
  // but the connection's. `serves` tells whether a slot is the server's, as far
  // as known (always true without a cluster); it is valid during the call.
  virtual std::vector<std::unique_ptr<Command>> OnLogin(
      const ServerInfo& server,
      const std::function<bool(uint16_t)>& serves) = 0;

  // These slots of a cluster are now served by a replica of the server that did
  // so before: its last writes may be lost. The commands returned go out before
  // any other for these slots.
  virtual std::vector<std::unique_ptr<Command>> OnFailover(
      const std::vector<uint16_t>& slots) = 0;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_CLIENT_HOOKS_H_
