// A stream to one server, over TCP or a Unix socket, with TLS or without.
#ifndef OUTRIGGER_REDIS_NET_SOCKET_H_
#define OUTRIGGER_REDIS_NET_SOCKET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "loop/resolver.h"
#include "redis/net/event_loop.h"
#include "redis/net/tls_session.h"
#include "redis/options.h"

struct event;

namespace outrigger::redis {

// More than this is a transfer that may take longer than an answer should.
inline constexpr size_t kLargeBytes = 64 * 1024;

// Who reads from a socket. Every call is on the loop's thread. After OnBroken
// there is no other call.
class SocketReader {
 public:
  virtual ~SocketReader() = default;
  // Connected, and with TLS the server is verified. Write may be called.
  virtual void OnConnected() = 0;
  virtual void OnBytes(absl::string_view bytes) = 0;
  virtual void OnBroken(const absl::Status& why) = 0;
};

// Connects once; when broken it stays so. On the loop's thread. Close() may be
// called from within the reader's methods, destruction may not: see
// EventLoop::Discard.
class Socket : public Flushable {
 public:
  // `reader` outlives the socket, or Close was called before.
  Socket(EventLoop& loop, Resolver& resolver, SocketReader& reader);
  ~Socket() override;

  // `attempt` chooses among the addresses of a name, so that later attempts try
  // others. May call OnBroken before it returns.
  void Connect(const Address& address, const TlsOptions& tls, uint32_t attempt);

  // Queues bytes; they leave at the end of the turn. REQUIRES: connected.
  void Write(absl::string_view bytes);

  // Sends what is queued now, as far as the kernel takes it.
  void Flush() override;

  // Bytes given to Write so far, and how many of them the server may have
  // seen: those before `handed` are out of our hands.
  uint64_t written() const { return written_; }
  uint64_t handed() const { return handed_; }
  // Bytes that were sent while more than kLargeBytes were waiting.
  uint64_t sent_of_large() const { return sent_of_large_; }

  // Ends it without a call to the reader.
  void Close();

 private:
  void OnResolved(absl::StatusOr<std::vector<SocketAddress>> addresses);
  absl::Status Open(const SocketAddress& address);
  void OnWritable();
  void OnReadable();
  void OnOpened();
  void Received(absl::string_view bytes);
  void Break(const absl::Status& why);
  bool SendAll();
  void DropSent();

  EventLoop& loop_;
  Resolver& resolver_;
  SocketReader* reader_;  // null: closed or broken
  Address address_;
  TlsOptions tls_options_;
  uint32_t attempt_ = 0;
  std::unique_ptr<Resolver::Query> query_;
  int fd_ = -1;
  event* read_event_ = nullptr;
  event* write_event_ = nullptr;
  bool opened_ = false;     // TCP is up
  bool connected_ = false;  // OnConnected was called
  bool dirty_ = false;      // a flush is due
  bool blocked_ = false;    // the kernel's buffer is full
  std::unique_ptr<TlsSession> tls_;
  std::string pending_;   // written, not yet flushed
  std::string out_;       // flushed (and encrypted)
  size_t out_begin_ = 0;  // what the kernel has not yet taken of out_
  std::string plain_;     // decrypted
  uint64_t written_ = 0;
  uint64_t handed_ = 0;
  uint64_t sent_of_large_ = 0;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_SOCKET_H_
