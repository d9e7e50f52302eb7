// The admin server: HTTP/1.1 on one thread of its own.
//
// On loopback it answers only requests whose Host is this machine's, so that a
// web page elsewhere cannot read it under a name of its own (DNS rebinding).
// Nothing allows other sites' pages to read answers.
#ifndef OUTRIGGER_ADMIN_SERVER_H_
#define OUTRIGGER_ADMIN_SERVER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "admin/bounds.h"
#include "admin/net/tls.h"
#include "admin/route.h"
#include "base/clock.h"
#include "config/config.h"
#include "telemetry/registry.h"

namespace outrigger::admin {

// Thread-safe.
class Server {
 public:
  struct Options {
    // A name or an address; IPv6 without brackets.
    std::string host = "127.0.0.1";
    // 0: a free one.
    uint16_t port = 0;
    // Unset: plain HTTP.
    std::optional<TlsFiles> tls;
    // A file with the token that requests must show, "Authorization: Bearer
    // TOKEN", but for open routes. Read again for each request. Empty: none.
    std::string token_file;
    Bounds bounds;
  };

  // Answers from now on. `clock` and `registry` must outlive the server, and so
  // must what the routes use. kFailedPrecondition or kUnavailable, naming the
  // option, if the address is taken or a file is not what it should be.
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      Options options, std::vector<Route> routes, const Clock& clock,
      telemetry::Registry& registry);

  // Ends all connections at once; no route runs after this.
  ~Server();

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The port that it listens on.
  int port() const;

 private:
  class Core;
  explicit Server(std::unique_ptr<Core> core);

  const std::unique_ptr<Core> core_;
};

// What `listen` says about admin. REQUIRES: listen.admin is set.
Server::Options OptionsOf(const config::Listen& listen);

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_SERVER_H_
