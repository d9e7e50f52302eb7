// What a bidirectional stream keeps between its messages, and what it sends
// unasked.
#ifndef OUTRIGGER_RPC_STREAMS_STREAM_SESSION_H_
#define OUTRIGGER_RPC_STREAMS_STREAM_SESSION_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "rpc/core/completion.h"

namespace outrigger::rpc {

// Thread-safe. May be kept for longer than the client stays: then what is sent
// is dropped.
template <typename Response>
class StreamSender {
 public:
  virtual ~StreamSender() = default;
  // Sends it after what was sent before; never blocks.
  virtual void Send(Response message) = 0;
};

// One for each open stream. Made, called and destroyed on the serving thread;
// destroyed when the stream is over, or the client has gone. Messages may be
// finished after that.
template <typename Request, typename Response>
class StreamSession {
 public:
  virtual ~StreamSession() = default;
  // As a Handler.
  virtual void Handle(const Request& request,
                      Completion<Response> completion) = 0;
};

// Runs when a client opens a stream; an error ends it.
template <typename Request, typename Response>
using SessionOpener = std::function<
    absl::StatusOr<std::unique_ptr<StreamSession<Request, Response>>>(
        std::shared_ptr<StreamSender<Response>>)>;

// Sessions that only pass their messages to `handler`.
template <typename Request, typename Response>
SessionOpener<Request, Response> OpenStateless(
    Handler<Request, Response> handler) {
  using Shared = std::shared_ptr<const Handler<Request, Response>>;
  class Stateless final : public StreamSession<Request, Response> {
   public:
    explicit Stateless(Shared handler) : handler_(std::move(handler)) {}
    void Handle(const Request& request,
                Completion<Response> completion) override {
      (*handler_)(request, std::move(completion));
    }

   private:
    const Shared handler_;
  };
  return [shared = std::make_shared<const Handler<Request, Response>>(
              std::move(handler))](const auto&) {
    return std::make_unique<Stateless>(shared);
  };
}

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_STREAMS_STREAM_SESSION_H_
