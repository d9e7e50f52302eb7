// Where the admin server's clients come from: a TCP socket that listens.
#ifndef OUTRIGGER_ADMIN_NET_LISTENER_H_
#define OUTRIGGER_ADMIN_NET_LISTENER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "loop/loop.h"
#include "loop/timer.h"

struct evconnlistener;

namespace outrigger::admin {

// All on the loop's thread, but for Open.
class Listener {
 public:
  // Calls `accept` with each new connection's socket, which is non-blocking and
  // then its. Port 0: a free one. kUnavailable naming the address if it is
  // taken or not this machine's.
  static absl::StatusOr<std::unique_ptr<Listener>> Open(
      Loop& loop, const std::string& host, uint16_t port,
      std::function<void(int socket)> accept);
  ~Listener();

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int port() const;

 private:
  Listener(Loop& loop, int socket, std::function<void(int)> accept);

  const std::function<void(int)> accept_;
  evconnlistener* const listener_;
  // Accepts again, after a time without file descriptors.
  Timer resume_;
};

}  // namespace outrigger::admin

#endif  // OUTRIGGER_ADMIN_NET_LISTENER_H_
