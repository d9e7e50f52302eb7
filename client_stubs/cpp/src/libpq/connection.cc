#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/instant.h"
#include "libpq/parameters.h"
#include "outrigger/libpq.h"

namespace outrigger::client::libpq {
namespace {

using internal::After;
using internal::Between;
using internal::Instant;
using internal::Now;

// A connection's socket, which another thread may shut down. Thread-safe.
class Socket {
 public:
  // -1: none.
  void Set(int fd) {
    absl::MutexLock lock(&mutex_);
    fd_ = fd;
  }

  // Whatever waits for it fails.
  void ShutDown() {
    absl::MutexLock lock(&mutex_);
    if (fd_ >= 0) shutdown(fd_, SHUT_RDWR);
  }

 private:
  absl::Mutex mutex_;
  int fd_ ABSL_GUARDED_BY(mutex_) = -1;
};

// Reads until the other end has hung up, for at most `patience`; closes `fd`.
void AwaitHangup(int fd, absl::Duration patience) {
  const Instant until = After(Now(), patience);
  char unread[4096];
  for (;;) {
    const auto left = absl::ToInt64Milliseconds(
        absl::Ceil(Between(Now(), until), absl::Milliseconds(1)));
    if (left <= 0) break;
    pollfd poll_fd{.fd = fd, .events = POLLIN, .revents = 0};
    if (poll(&poll_fd, 1, static_cast<int>(left)) < 0 && errno == EINTR) {
      continue;
    }
    const ssize_t count = recv(fd, unread, sizeof(unread), MSG_DONTWAIT);
    if (count == 0) break;
    if (count < 0 && errno != EAGAIN && errno != EINTR) break;
  }
  close(fd);
}

}  // namespace

struct Connection::State {
  Lease lease;
  std::shared_ptr<Socket> socket = std::make_shared<Socket>();
  PGconn* connection = nullptr;
  absl::Duration farewell;

  // Says goodbye. Whether the connection was still good.
  bool Disconnect() {
    const bool good = PQstatus(connection) == CONNECTION_OK;
    const int fd = PQsocket(connection);
    // libpq closes the socket with its goodbye; this one stays to listen.
    const int listening = good && fd >= 0 ? dup(fd) : -1;
    socket->Set(-1);
    PQfinish(std::exchange(connection, nullptr));
    if (listening >= 0) AwaitHangup(listening, farewell);
    return good;
  }
};

absl::StatusOr<Connection> Connection::Open(Pool& pool,
                                            const std::string& conninfo,
                                            const OpenOptions& options) {
  absl::StatusOr<Lease> lease = pool.Acquire(options.acquire);
  if (!lease.ok()) return lease.status();
  absl::StatusOr<std::map<std::string, std::string>> parameters =
      ParametersFor(conninfo, lease->endpoint());
  if (!parameters.ok()) {
    lease->Release(Result::kIgnored);
    return parameters.status();
  }
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : *parameters) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  auto state = std::make_unique<State>(State{.lease = *std::move(lease)});
  state->farewell = options.farewell;
  state->connection =
      PQconnectdbParams(names.data(), values.data(), /*expand_dbname=*/0);
  if (PQstatus(state->connection) != CONNECTION_OK) {
    absl::Status status = absl::UnavailableError(
        absl::StrCat("PostgreSQL: ", PQerrorMessage(state->connection)));
    PQfinish(std::exchange(state->connection, nullptr));
    state->lease.Release(Result::kFailure);
    return status;
  }
  state->socket->Set(PQsocket(state->connection));
  state->lease.OnLost([socket = state->socket] { socket->ShutDown(); });
  return Connection(std::move(state));
}

Connection::Connection(std::unique_ptr<State> state)
    : state_(std::move(state)) {}

Connection::Connection(Connection&& other) noexcept = default;

Connection& Connection::operator=(Connection&& other) noexcept {
  if (this != &other) {
    Close();
    state_ = std::move(other.state_);
  }
  return *this;
}

Connection::~Connection() { Close(); }

PGconn* Connection::get() const {
  return state_->lease.lost() ? nullptr : state_->connection;
}

bool Connection::lost() const { return state_->lease.lost(); }

const Lease& Connection::lease() const { return state_->lease; }

void Connection::Close() {
  if (state_ == nullptr || state_->connection == nullptr) return;
  const bool good = state_->Disconnect();
  state_->lease.Release(good ? Result::kSuccess : Result::kFailure);
}

}  // namespace outrigger::client::libpq
