// The first commands on a new connection: who we are, whom we talk to.
#ifndef OUTRIGGER_REDIS_NET_LOGIN_H_
#define OUTRIGGER_REDIS_NET_LOGIN_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "redis/net/connection.h"
#include "redis/options.h"

namespace outrigger::redis {

// Whom a connection reached.
struct ServerInfo {
  Address address;
  // Random, new at each start of the server. Empty for a sentinel.
  std::string run_id;
};

struct LoginPlan {
  std::string username;
  std::string password;
  // Read now, in place of `password`, if not empty.
  std::string password_file;
  int database = 0;
  // The server must be a master.
  bool master = false;
  // The server is a sentinel: it has no INFO that we need.
  bool sentinel = false;
};

// The plan for a server that holds data.
LoginPlan PlanFor(const Options& options);
// The plan for a sentinel.
LoginPlan SentinelPlanFor(const Options& options);

// Logs in on `connection`, which is connected; all in one round trip. `done`
// gets kPermissionDenied if the password (or what the user may do) is wrong or
// the password's file cannot be read, kResourceExhausted if the server takes no
// more clients, kUnavailable if it is not ready or not the master. It does not
// run if the connection ends before.
void LogIn(Connection& connection, const LoginPlan& plan,
           std::function<void(absl::StatusOr<ServerInfo>)> done);

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_LOGIN_H_
