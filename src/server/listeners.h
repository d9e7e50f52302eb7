// The configuration's addresses as listeners, with what they need to be safe.
#ifndef OUTRIGGER_SERVER_LISTENERS_H_
#define OUTRIGGER_SERVER_LISTENERS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "config/config.h"
#include "rpc/core/server.h"
#include "rpc/listen/socket_lock.h"

namespace outrigger::server {

// What to listen on. Holds the Unix socket's lock while it lives.
class Listeners {
 public:
  // Takes the lock and reads the certificates; binds nothing yet. Errors: those
  // of SocketLock::Take and rpc::TlsCredentials.
  static absl::StatusOr<std::unique_ptr<Listeners>> Prepare(
      const config::Listen& listen);

  const std::vector<rpc::Listener>& all() const { return all_; }

  // After the server has bound them: sets the Unix socket's mode and owner, and
  // notes the ports. `ports`: rpc::Server::ports().
  absl::Status Bound(const std::vector<int>& ports);

  // "unix:/path" and "host:port" as a client would dial them.
  const std::vector<std::string>& targets() const { return targets_; }

 private:
  explicit Listeners(config::Listen listen) : listen_(std::move(listen)) {}

  const config::Listen listen_;
  std::unique_ptr<rpc::SocketLock> lock_;
  std::vector<rpc::Listener> all_;
  std::vector<std::string> targets_;
};

}  // namespace outrigger::server

#endif  // OUTRIGGER_SERVER_LISTENERS_H_
