// Host names to addresses, without blocking the loop.
#ifndef OUTRIGGER_REDIS_NET_RESOLVER_H_
#define OUTRIGGER_REDIS_NET_RESOLVER_H_

#include <sys/socket.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "redis/net/event_loop.h"
#include "redis/options.h"

struct evdns_base;
struct evdns_getaddrinfo_request;

namespace outrigger::redis {

// Where to connect a socket to.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

// Asks the name servers of /etc/resolv.conf, after /etc/hosts, by libevent's
// evdns. Both files are read again after a failure. On the loop's thread.
class Resolver {
 public:
  // At least one address, in the server's order.
  using Done = std::function<void(absl::StatusOr<std::vector<SocketAddress>>)>;

  // One question under way. Destroying it drops the question: `done` will not
  // run any more.
  class Query {
   public:
    ~Query();

   private:
    friend class Resolver;
    struct State;
    std::shared_ptr<State> state_;
  };

  explicit Resolver(EventLoop& loop) : loop_(loop) {}
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // `done` runs once, perhaps before this returns (IP addresses and Unix
  // sockets). The query may be destroyed within `done`.
  std::unique_ptr<Query> Resolve(const Address& address, Done done);

 private:
  evdns_base* Base();

  EventLoop& loop_;
  evdns_base* dns_ = nullptr;
  bool stale_ = false;  // a question failed: read the files again
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_RESOLVER_H_
