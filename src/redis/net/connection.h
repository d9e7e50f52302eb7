// A pipeline of commands to one server, over one socket.
#ifndef OUTRIGGER_REDIS_NET_CONNECTION_H_
#define OUTRIGGER_REDIS_NET_CONNECTION_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "redis/net/socket.h"
#include "redis/wire/command.h"
#include "redis/wire/reply.h"
#include "redis/wire/reply_parser.h"

namespace outrigger::redis {

// What a connection had to do when it ended.
struct Leftovers {
  // The server may have seen these; whether it did them is unknown.
  std::vector<std::unique_ptr<Command>> sent;
  // It has certainly not seen these.
  std::vector<std::unique_ptr<Command>> unsent;
};

// Who owns a connection. Every call is on the loop's thread; each may Close the
// connection, none may destroy it (see EventLoop::Discard).
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  // Connected (and the server verified): log in now.
  virtual void OnConnected() = 0;
  // The reply to a command that nobody has finished meanwhile; may be an error.
  virtual void OnReply(std::unique_ptr<Command> command, Reply reply) = 0;
  // What came over a channel, after ExpectMessages: the message's body.
  virtual void OnMessage(Reply) {}
  // It is over. kInternal: the server sent what is not RESP2.
  virtual void OnClosed(const absl::Status& why, Leftovers leftovers) = 0;
};

// Replies come in the order of the commands; a command that was finished
// before its reply (by its deadline) keeps its place, and the reply is
// swallowed. On the loop's thread.
class Connection final : private SocketReader {
 public:
  // For the connection's own questions; the reply may be an error. Not run if
  // the connection ends before.
  using Answer = absl::AnyInvocable<void(Reply)>;

  Connection(EventLoop& loop, Resolver& resolver, ConnectionOwner& owner);
  ~Connection() override;

  void Connect(const Address& address, const TlsOptions& tls, uint32_t attempt);

  // REQUIRES: connected.
  void Send(std::unique_ptr<Command> command);
  // A question of the connection's own. REQUIRES: connected.
  void Ask(absl::string_view wire, Answer answer);

  // From now on messages of channels may come between the replies. Call before
  // subscribing.
  void ExpectMessages() { messages_ = true; }

  // Bytes that were moved, in either direction, of what is larger than
  // kLargeBytes. While it grows the server works on something that takes time.
  uint64_t large_moved() const {
    return received_of_large_ + socket_.sent_of_large();
  }

  // Commands without a reply, finished ones included.
  size_t in_pipeline() const { return pipeline_.size(); }

  // Ends it without a call to the owner, who gets what was left instead.
  Leftovers Close();

 private:
  // A place in the pipeline: a command, or a question of our own.
  struct Place {
    std::unique_ptr<Command> command;
    Answer answer;
    uint64_t begin = 0;  // where its bytes start in the stream
  };

  void OnConnected() override;
  void OnBytes(absl::string_view bytes) override;
  void OnBroken(const absl::Status& why) override;
  void Handle(Reply reply);

  ConnectionOwner* owner_;  // null: closed
  ReplyParser parser_;
  std::deque<Place> pipeline_;
  bool messages_ = false;
  uint64_t received_of_large_ = 0;
  Socket socket_;
};

}  // namespace outrigger::redis

#endif  // OUTRIGGER_REDIS_NET_CONNECTION_H_
