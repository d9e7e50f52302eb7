#include "redis/net/socket.h"

#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace outrigger::redis {
namespace {

// A dead peer is noticed by unanswered data after 2 s, or idle after 25 s.
constexpr int kUnansweredMs = 2000;
constexpr int kKeepaliveIdleSeconds = 10;
constexpr int kKeepaliveIntervalSeconds = 5;
constexpr int kKeepaliveProbes = 3;
constexpr size_t kReadBytes = 64 * 1024;
constexpr size_t kKeptBytes = 1 << 20;

void SetOption(int fd, int level, int name, int value) {
  // Failure only costs latency: the commands' own deadlines hold anyway.
  setsockopt(fd, level, name, &value, sizeof(value));
}

void TuneTcp(int fd) {
  SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  SetOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kUnansweredMs);
  SetOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepaliveIdleSeconds);
  SetOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepaliveIntervalSeconds);
  SetOption(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepaliveProbes);
}

absl::Status SystemError(absl::string_view what, int error) {
  return absl::UnavailableError(absl::StrCat(what, ": ", strerror(error)));
}

}  // namespace

Socket::Socket(EventLoop& loop, Resolver& resolver, SocketReader& reader)
    : loop_(loop), resolver_(resolver), reader_(&reader) {}

Socket::~Socket() { Close(); }

void Socket::Close() {
  reader_ = nullptr;
  query_.reset();
  if (read_event_ != nullptr) event_free(std::exchange(read_event_, nullptr));
  if (write_event_ != nullptr) event_free(std::exchange(write_event_, nullptr));
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

void Socket::Break(const absl::Status& why) {
  SocketReader* const reader = reader_;
  Close();
  if (reader != nullptr) reader->OnBroken(why);
}

void Socket::Connect(const Address& address, const TlsOptions& tls,
                     uint32_t attempt) {
  address_ = address;
  tls_options_ = tls;
  attempt_ = attempt;
  if (!address.unix_path.empty()) {
    return OnResolved(std::vector{UnixAddress(address.unix_path)});
  }
  query_ = resolver_.Resolve(address.host, address.port, [this](auto found) {
    OnResolved(std::move(found));
  });
}

void Socket::OnResolved(absl::StatusOr<std::vector<SocketAddress>> addresses) {
  absl::Status status = addresses.status();
  if (status.ok()) status = Open((*addresses)[attempt_ % addresses->size()]);
  if (!status.ok()) Break(status);
}

absl::Status Socket::Open(const SocketAddress& address) {
  const int family = address.storage.ss_family;
  fd_ = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return SystemError("socket", errno);
  if (family != AF_UNIX) TuneTcp(fd_);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address.storage),
              address.length) != 0 &&
      errno != EINPROGRESS) {
    return SystemError("connect", errno);
  }
  read_event_ = event_new(
      loop_.base(), fd_, EV_READ | EV_PERSIST,
      [](int, short, void* self) { static_cast<Socket*>(self)->OnReadable(); },
      this);
  write_event_ = event_new(
      loop_.base(), fd_, EV_WRITE,
      [](int, short, void* self) { static_cast<Socket*>(self)->OnWritable(); },
      this);
  event_add(write_event_, nullptr);  // writable: connected, or failed
  return absl::OkStatus();
}

void Socket::OnWritable() {
  if (opened_) {
    blocked_ = false;
    Flush();
    return;
  }
  int error = 0;
  socklen_t length = sizeof(error);
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) return Break(SystemError("connect", error));
  OnOpened();
}

void Socket::OnOpened() {
  opened_ = true;
  event_add(read_event_, nullptr);
  if (!tls_options_.enabled) {
    connected_ = true;
    reader_->OnConnected();
    return;
  }
  auto session = TlsSession::Make(tls_options_, address_.host);
  if (!session.ok()) return Break(session.status());
  tls_ = *std::move(session);
  Flush();
}

void Socket::Write(absl::string_view bytes) {
  pending_.append(bytes.data(), bytes.size());
  written_ += bytes.size();
  if (dirty_) return;
  dirty_ = true;
  loop_.FlushLater(this);
}

void Socket::Flush() {
  dirty_ = false;
  if (fd_ < 0 || blocked_) return;
  if (tls_ == nullptr) {
    if (out_.empty()) {
      out_.swap(pending_);
    } else {
      out_ += pending_;
      pending_.clear();
    }
  } else {
    if (!pending_.empty()) {
      const absl::Status status = tls_->Encrypt(pending_);
      pending_.clear();
      if (!status.ok()) return Break(status);
    }
    tls_->TakeOutput(&out_);
    // Where a record's bytes end within the plain text is not ours to know.
    handed_ = written_;
  }
  if (!SendAll()) return;
  if (!out_.empty()) {  // DropSent leaves nothing that was sent
    blocked_ = true;
    event_add(write_event_, nullptr);
  }
}

bool Socket::SendAll() {
  while (out_begin_ < out_.size()) {
    const size_t waiting = out_.size() - out_begin_;
    const ssize_t n =
        send(fd_, out_.data() + out_begin_, waiting, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      const absl::Status why = SystemError("send", errno);
      OnReadable();  // the server's last words may say more
      if (fd_ >= 0) Break(why);
      return false;
    }
    const auto sent = static_cast<size_t>(n);
    out_begin_ += sent;
    if (tls_ == nullptr) handed_ += sent;
    if (waiting > kLargeBytes) sent_of_large_ += sent;
  }
  DropSent();
  return true;
}

// Moving what is left to the front costs as much as sending it, so it is done
// seldom; and the memory of a large transfer is not kept for the next.
void Socket::DropSent() {
  if (out_begin_ == out_.size()) {
    out_.clear();
    if (out_.capacity() > kKeptBytes) std::string().swap(out_);
  } else if (out_begin_ > out_.size() / 2) {
    out_.erase(0, out_begin_);
  } else {
    return;
  }
  out_begin_ = 0;
}

void Socket::OnReadable() {
  char buffer[kReadBytes];
  // A short read means that there is no more; a busy server gets two reads a
  // turn, so that others have theirs.
  for (int i = 0; i < 2 && fd_ >= 0; ++i) {
    const ssize_t n = recv(fd_, buffer, sizeof(buffer), 0);
    if (n < 0) {
      if (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK) return;
      return Break(SystemError("receive", errno));
    }
    if (n == 0) {
      return Break(absl::UnavailableError("the server closed the connection"));
    }
    Received(absl::string_view(buffer, static_cast<size_t>(n)));
    if (static_cast<size_t>(n) < sizeof(buffer)) return;
  }
}

void Socket::Received(absl::string_view bytes) {
  if (tls_ == nullptr) {
    reader_->OnBytes(bytes);
    return;
  }
  plain_.clear();
  const absl::Status status = tls_->Decrypt(bytes, &plain_);
  if (!connected_ && tls_->established()) {
    connected_ = true;
    Flush();  // the handshake's last message
    if (reader_ != nullptr) reader_->OnConnected();
  }
  if (reader_ != nullptr && !plain_.empty()) reader_->OnBytes(plain_);
  if (!status.ok()) {
    // The alert that tells the server why, if it can still be sent.
    tls_->TakeOutput(&out_);
    if (fd_ >= 0) {
      send(fd_, out_.data() + out_begin_, out_.size() - out_begin_,
           MSG_NOSIGNAL);
    }
    return Break(status);
  }
  if (fd_ >= 0) Flush();  // what TLS itself has to say
}

}  // namespace outrigger::redis
