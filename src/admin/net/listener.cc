#include "admin/net/listener.h"

#include <event2/listener.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace outrigger::admin {
namespace {

constexpr int kBacklog = 64;
// When accept fails, most likely since there are no file descriptors left.
constexpr Duration kPause = std::chrono::milliseconds(100);

// A socket bound to `address`; -1 and errno.
int Bind(const addrinfo& address) {
  const int fd = socket(address.ai_family,
                        address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (bind(fd, address.ai_addr, address.ai_addrlen) == 0) return fd;
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

// The first of the host's addresses that can be bound.
absl::StatusOr<int> BindAny(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error =
      getaddrinfo(host.c_str(), absl::StrCat(port).c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat("listen.admin: ", host, ": ", gai_strerror(error)));
  }
  int fd = -1;
  for (const addrinfo* one = found; one != nullptr && fd < 0;
       one = one->ai_next) {
    fd = Bind(*one);
  }
  const int bind_error = errno;
  freeaddrinfo(found);
  if (fd >= 0) return fd;
  return absl::UnavailableError(absl::StrCat("listen.admin: ", host, ":", port,
                                             ": ", std::strerror(bind_error)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Open(
    Loop& loop, const std::string& host, uint16_t port,
    std::function<void(int socket)> accept) {
  const auto fd = BindAny(host, port);
  if (!fd.ok()) return fd.status();
  std::unique_ptr<Listener> listener(
      new Listener(loop, *fd, std::move(accept)));
  if (listener->listener_ == nullptr) {
    close(*fd);
    return absl::UnavailableError(
        absl::StrCat("listen.admin: ", host, ":", port, ": cannot listen"));
  }
  return listener;
}

Listener::Listener(Loop& loop, int socket, std::function<void(int)> accept)
    : accept_(std::move(accept)),
      listener_(evconnlistener_new(
          loop.base(),
          [](evconnlistener*, int fd, sockaddr*, int, void* self) {
            static_cast<Listener*>(self)->accept_(fd);
          },
          this, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, kBacklog,
          socket)),
      resume_(loop, [this] { evconnlistener_enable(listener_); }) {
  if (listener_ == nullptr) return;
  evconnlistener_set_error_cb(
      listener_, [](evconnlistener* listener, void* self) {
        evconnlistener_disable(listener);
        static_cast<Listener*>(self)->resume_.Set(kPause);
      });
}

Listener::~Listener() {
  if (listener_ != nullptr) evconnlistener_free(listener_);
}

int Listener::port() const {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  getsockname(evconnlistener_get_fd(listener_),
              reinterpret_cast<sockaddr*>(&address), &length);
  // The port stands at the same place in both families.
  return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

}  // namespace outrigger::admin
