#include "health/probe/stream_probe.h"

#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace outrigger::health {
namespace {

absl::Status SystemError(absl::string_view what, int error) {
  return absl::UnavailableError(absl::StrCat(what, ": ", strerror(error)));
}

}  // namespace

void StreamProbe::Start(Done done) {
  done_ = std::move(done);
  last_failure_ = absl::OkStatus();
  answer_.clear();
  next_ = 0;
  if (!target_.unix_path.empty()) {
    return OnResolved(std::vector{UnixAddress(target_.unix_path)});
  }
  query_ = resolver_.Resolve(target_.host, target_.port, [this](auto found) {
    OnResolved(std::move(found));
  });
}

void StreamProbe::Cancel() {
  Close();
  query_.reset();
  done_ = nullptr;
}

void StreamProbe::Close() {
  if (event_ != nullptr) event_free(std::exchange(event_, nullptr));
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

void StreamProbe::Finish(const absl::Status& status) {
  Close();
  std::exchange(done_, nullptr)(status);
}

void StreamProbe::OnResolved(
    absl::StatusOr<std::vector<SocketAddress>> addresses) {
  if (!addresses.ok()) return Finish(addresses.status());
  addresses_ = *std::move(addresses);
  TryNext();
}

void StreamProbe::TryNext() {
  Close();
  while (next_ < addresses_.size()) {
    if (BeginConnect(addresses_[next_++])) return;
    Close();
  }
  Finish(last_failure_);
}

bool StreamProbe::BeginConnect(const SocketAddress& address) {
  fd_ = socket(address.storage.ss_family,
               SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) {
    last_failure_ = SystemError("socket", errno);
    return false;
  }
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address.storage),
              address.length) != 0 &&
      errno != EINPROGRESS) {
    last_failure_ = SystemError("connect", errno);
    return false;
  }
  event_ = event_new(
      loop_.base(), fd_, EV_WRITE,
      [](int, short, void* self) {
        static_cast<StreamProbe*>(self)->OnWritable();
      },
      this);
  event_add(event_, nullptr);  // writable: connected, or failed
  return true;
}

void StreamProbe::OnWritable() {
  int error = 0;
  socklen_t length = sizeof(error);
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) {
    last_failure_ = SystemError("connect", error);
    return TryNext();
  }
  if (talk_.judge == nullptr) return Finish(absl::OkStatus());
  // A new socket takes far more than an opening at once.
  const ssize_t sent =
      send(fd_, talk_.opening.data(), talk_.opening.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(talk_.opening.size())) {
    return Finish(SystemError("send", errno));
  }
  event_free(event_);
  event_ = event_new(
      loop_.base(), fd_, EV_READ | EV_PERSIST,
      [](int, short, void* self) {
        static_cast<StreamProbe*>(self)->OnReadable();
      },
      this);
  event_add(event_, nullptr);
}

void StreamProbe::OnReadable() {
  char buffer[kMaxAnswerBytes];
  const ssize_t n = recv(fd_, buffer, kMaxAnswerBytes - answer_.size(), 0);
  if (n < 0) {
    if (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK) return;
    return Finish(SystemError("receive", errno));
  }
  if (n == 0) {
    return Finish(absl::UnavailableError("the server closed the connection"));
  }
  answer_.append(buffer, static_cast<size_t>(n));
  const std::optional<Verdict> verdict = talk_.judge(answer_);
  if (verdict.has_value()) {
    if (!verdict->farewell.empty()) {
      send(fd_, verdict->farewell.data(), verdict->farewell.size(),
           MSG_NOSIGNAL);
    }
    return Finish(verdict->status);
  }
  if (answer_.size() == kMaxAnswerBytes) {
    Finish(absl::UnavailableError("the answer is too long"));
  }
}

}  // namespace outrigger::health
