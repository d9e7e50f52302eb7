// Requests over HTTP/1.1, as protobuf.
#ifndef OUTRIGGER_OTLP_SEND_HTTP_SENDER_H_
#define OUTRIGGER_OTLP_SEND_HTTP_SENDER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "otlp/options.h"
#include "otlp/send/endpoint.h"
#include "otlp/send/sender.h"
#include "otlp/send/tls_client.h"

struct bufferevent;
struct evdns_base;
struct evhttp_connection;
struct evhttp_request;

namespace outrigger::otlp {

// Keeps its connection from one request to the next, as long as nothing goes
// wrong on it. Redirects are not followed.
class HttpSender final : public Sender {
 public:
  // kFailedPrecondition names a file of certificates that is wrong.
  static absl::StatusOr<std::unique_ptr<Sender>> Make(
      const Destination& destination, const Endpoint& endpoint, Loop& loop,
      const Clock& clock);
  ~HttpSender() override;

  void Send(const std::string& body, Duration timeout,
            std::function<void(Outcome)> done) override;
  const char* type() const override { return "otlp_http"; }

 private:
  HttpSender(const Destination& destination, Endpoint endpoint,
             std::unique_ptr<TlsClient> tls, Loop& loop, const Clock& clock);

  bool Connect();
  void Disconnect();
  evhttp_request* MakeRequest(const std::string& body);
  void OnReply(evhttp_request* request);
  // `done` is called a turn later, when libevent is off our back.
  void Finish(Outcome outcome);
  Outcome Broken();
  // Looks at the first bytes that the peer sends on a connection.
  void Look(absl::string_view bytes);

  const Destination destination_;
  const Endpoint endpoint_;
  const std::unique_ptr<TlsClient> tls_;  // null: none
  Loop& loop_;
  const Clock& clock_;
  evdns_base* const dns_;  // null: names are resolved on this thread

  evhttp_connection* connection_ = nullptr;
  bufferevent* stream_ = nullptr;  // connection_'s
  bool broken_ = false;            // connection_ is of no more use
  bool looked_ = false;
  bool not_http_ = false;
  // Of failures to connect, one after the other: a name may have addresses of
  // two families of which one does not work.
  unsigned failures_ = 0;

  std::function<void(Outcome)> done_;  // a request is under way
  Outcome outcome_;
  Timer deadline_;
  Timer finish_;
};

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_SEND_HTTP_SENDER_H_
