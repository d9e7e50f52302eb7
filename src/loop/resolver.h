// Host names to addresses, without blocking a loop.
#ifndef OUTRIGGER_LOOP_RESOLVER_H_
#define OUTRIGGER_LOOP_RESOLVER_H_

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

struct event_base;

namespace outrigger {

// Where to connect a socket to.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

// At most 107 bytes of `path` are used.
SocketAddress UnixAddress(const std::string& path);

// As the machine looks names up (/etc/hosts, its name servers, …), which are
// read anew as they change. Blocks, perhaps for many seconds. At least one
// address, those to be preferred first; or kUnavailable.
absl::StatusOr<std::vector<SocketAddress>> SystemLookup(const std::string& host,
                                                        uint16_t port);

// Looks names up on threads of its own. On the loop's thread.
class Resolver {
 public:
  // Blocks; called by several threads at a time.
  using Lookup = std::function<absl::StatusOr<std::vector<SocketAddress>>(
      const std::string& host, uint16_t port)>;
  using Done = std::function<void(absl::StatusOr<std::vector<SocketAddress>>)>;

  // Look-ups under way at a time; others wait. The threads end when there is
  // nothing to look up.
  static constexpr int kMaxThreads = 4;

  // One question under way. Destroying it drops the question: `done` will not
  // run any more. May outlive the resolver.
  class Query {
   public:
    ~Query();

   private:
    friend class Resolver;
    struct State;
    std::shared_ptr<State> state_;
  };

  // `base`, of the loop, must outlive it.
  explicit Resolver(event_base* base, Lookup lookup = SystemLookup);
  // Drops all questions. Does not wait for a look-up that is under way: its
  // thread ends by itself, and touches nothing of the resolver's.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // `done` runs once on the loop's thread, for an IP address before this
  // returns. The query may be destroyed within `done`.
  [[nodiscard]] std::unique_ptr<Query> Resolve(const std::string& host,
                                               uint16_t port, Done done);

 private:
  class Shared;
  const std::shared_ptr<Shared> shared_;
};

}  // namespace outrigger

#endif  // OUTRIGGER_LOOP_RESOLVER_H_
