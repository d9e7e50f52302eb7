// The right to serve on a Unix socket's path.
//
// Binding a Unix socket silently takes a path from whoever serves there (gRPC
// unlinks what it finds), so a server first locks a file beside it. The kernel
// drops the lock when the process ends, however it ends.
#ifndef OUTRIGGER_RPC_LISTEN_SOCKET_LOCK_H_
#define OUTRIGGER_RPC_LISTEN_SOCKET_LOCK_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace outrigger::rpc {

// Holds `<path>.lock` while it lives; the file itself stays.
class SocketLock {
 public:
  // Makes the socket's folder if it is missing (mode 0755), locks, and removes
  // a socket that a dead server has left. Errors:
  //   kAlreadyExists       another process serves there; names it.
  //   kFailedPrecondition  something that is no socket is at the path; the
  //                        folder cannot be made or the lock cannot be opened.
  static absl::StatusOr<std::unique_ptr<SocketLock>> Take(
      const std::string& path);

  // Removes the socket, so that a client sees at once that nobody serves.
  ~SocketLock();

  SocketLock(const SocketLock&) = delete;
  SocketLock& operator=(const SocketLock&) = delete;

 private:
  SocketLock(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  const std::string path_;
  const int fd_;
};

// Sets the mode (octal 0 to 0777) and the owner of the socket at `path`.
// `owner`: "user", "user:group" or ":group", names or numbers; empty: as it is.
// kInvalidArgument for an unknown name, kPermissionDenied if the system
// refuses.
absl::Status SetSocketAccess(const std::string& path, int mode,
                             const std::string& owner);

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_LISTEN_SOCKET_LOCK_H_
