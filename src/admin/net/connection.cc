#include "admin/net/connection.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <chrono>
#include <string>
#include <utility>

#include "admin/http/format.h"

namespace outrigger::admin {
namespace {

constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";
// How long a client may take to read the last answer and close.
constexpr Duration kClosingTime = std::chrono::seconds(2);

bufferevent* NewStream(event_base* base, int socket, TlsContext* tls) {
  if (tls == nullptr) {
    return bufferevent_socket_new(base, socket, BEV_OPT_CLOSE_ON_FREE);
  }
  bufferevent* const stream = bufferevent_openssl_socket_new(
      base, socket, tls->NewSession(), BUFFEREVENT_SSL_ACCEPTING,
      BEV_OPT_CLOSE_ON_FREE);
  bufferevent_openssl_set_allow_dirty_shutdown(stream, 1);
  return stream;
}

// The next `bytes` of what has come.
std::string Take(evbuffer* input, size_t bytes) {
  std::string taken(bytes, '\0');
  evbuffer_remove(input, taken.data(), bytes);
  return taken;
}

void AddBody(evbuffer* output, std::string body) {
  auto* const kept = new std::string(std::move(body));
  evbuffer_add_reference(
      output, kept->data(), kept->size(),
      [](const void*, size_t, void* kept) {
        delete static_cast<std::string*>(kept);
      },
      kept);
}

}  // namespace

Connection::Connection(Loop& loop, int socket, TlsContext* tls,
                       const Bounds& bounds, const Clock& clock, Owner& owner)
    : bounds_(bounds),
      clock_(clock),
      owner_(owner),
      stream_(NewStream(loop.base(), socket, tls)),
      tls_(tls != nullptr),
      deadline_(loop, [this] { OnDeadline(); }) {
  bufferevent_setcb(
      stream_,
      [](bufferevent*, void* self) {
        static_cast<Connection*>(self)->OnReadable();
      },
      [](bufferevent*, void* self) {
        static_cast<Connection*>(self)->OnAllSent();
      },
      [](bufferevent*, short events, void* self) {
        static_cast<Connection*>(self)->OnEvent(events);
      },
      this);
  bufferevent_setwatermark(stream_, EV_READ, 0,
                           bounds.head_bytes + bounds.body_bytes);
  bufferevent_enable(stream_, EV_READ | EV_WRITE);
  Enter(State::kIdle, bounds_.idle);
}

Connection::~Connection() {
  if (tls_) {
    // Says goodbye without waiting for the other's.
    SSL* const session = bufferevent_openssl_get_ssl(stream_);
    SSL_set_shutdown(session, SSL_RECEIVED_SHUTDOWN);
    SSL_shutdown(session);
  }
  bufferevent_free(stream_);
}

size_t Connection::unsent_bytes() const {
  return evbuffer_get_length(bufferevent_get_output(stream_));
}

void Connection::Enter(State state, std::optional<Duration> deadline) {
  state_ = state;
  since_ = clock_.Now();
  if (deadline.has_value()) {
    deadline_.Set(*deadline);
  } else {
    deadline_.Stop();
  }
}

void Connection::OnReadable() {
  evbuffer* const input = bufferevent_get_input(stream_);
  if (state_ == State::kClosing) {
    evbuffer_drain(input, evbuffer_get_length(input));
    return;
  }
  // While an answer is under way the next request waits, here and, as the
  // buffer fills, in the socket.
  if (state_ != State::kIdle && state_ != State::kReceiving) return;
  if (evbuffer_get_length(input) == 0) return;
  if (state_ == State::kIdle) {
    Enter(State::kReceiving, bounds_.request_time);
  }
  if (!head_.has_value() && !ReadHead()) return;
  if (!ReadBody()) return;
  Handle();
}

bool Connection::ReadHead() {
  evbuffer* const input = bufferevent_get_input(stream_);
  const evbuffer_ptr end =
      evbuffer_search(input, kHeadEnd.data(), kHeadEnd.size(), nullptr);
  const size_t length = end.pos >= 0
                            ? static_cast<size_t>(end.pos) + kHeadEnd.size()
                            : evbuffer_get_length(input);
  if (length > bounds_.head_bytes) {
    Refuse("head", ErrorResponse(431, "the request's head is too long"));
    return false;
  }
  if (end.pos < 0) return false;
  auto parsed = ParseHead(Take(input, length));
  if (auto* const wrong = std::get_if<Response>(&parsed)) {
    unread_ = close_ = true;
    Send(std::move(*wrong));
    return false;
  }
  head_ = std::get<Head>(std::move(parsed));
  head_only_ = head_->request.method == "HEAD";
  close_ = !head_->keep_alive;
  if (head_->body_bytes > bounds_.body_bytes) {
    Refuse("body", ErrorResponse(413, "the request's body is too long"));
    return false;
  }
  if (head_->expects_continue &&
      evbuffer_get_length(input) < head_->body_bytes) {
    bufferevent_write(stream_, kContinue, sizeof(kContinue) - 1);
  }
  return true;
}

bool Connection::ReadBody() {
  evbuffer* const input = bufferevent_get_input(stream_);
  if (evbuffer_get_length(input) < head_->body_bytes) return false;
  head_->request.body = Take(input, head_->body_bytes);
  return true;
}

void Connection::Handle() {
  Request request = std::move(head_->request);
  head_.reset();
  if (tls_) {
    request.client_certificate =
        ShowedCertificate(bufferevent_openssl_get_ssl(stream_));
  }
  Outcome outcome = owner_.Answer(request);
  if (auto* const later = std::get_if<Later>(&outcome)) {
    finish_ = std::move(later->finish);
    Enter(State::kHandling, later->after);
    return;
  }
  Send(std::get<Response>(std::move(outcome)));
}

void Connection::Refuse(absl::string_view bound, Response response) {
  owner_.Refused(bound);
  unread_ = close_ = true;
  Send(std::move(response));
}

void Connection::Send(Response response) {
  Enter(State::kSending, bounds_.answer_time);
  evbuffer* const output = bufferevent_get_output(stream_);
  const std::string head = FormatHead(response, !close_, clock_.WallNow());
  evbuffer_add(output, head.data(), head.size());
  if (!head_only_ && !response.body.empty()) {
    AddBody(output, std::move(response.body));
  }
}

void Connection::OnAllSent() {
  if (state_ != State::kSending) return;  // it was the word to go on
  head_only_ = false;
  if (close_) return CloseSoftly();
  Enter(State::kIdle, bounds_.idle);
  OnReadable();  // the next request may be here already
}

// To close while bytes are unread would reset the connection, and the client
// might never see the answer.
void Connection::CloseSoftly() {
  if (!unread_ || tls_) return End();
  shutdown(bufferevent_getfd(stream_), SHUT_WR);
  Enter(State::kClosing, kClosingTime);
  OnReadable();
}

void Connection::OnEvent(short events) {
  if ((events & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0) return;
  // A client may say that it has no more to ask, and still want the answer.
  const bool half_closed =
      (events & BEV_EVENT_ERROR) == 0 && state_ == State::kSending;
  if (!half_closed) return End();
  close_ = true;
  unread_ = false;
}

void Connection::OnDeadline() {
  switch (state_) {
    case State::kReceiving:
      return Refuse("request_time",
                    ErrorResponse(408, "the request took too long to arrive"));
    case State::kHandling:
      return Send(std::exchange(finish_, nullptr)());
    case State::kSending:
      owner_.Refused("answer_time");
      return End();
    case State::kIdle:
    case State::kClosing:
      return End();
  }
}

}  // namespace outrigger::admin
