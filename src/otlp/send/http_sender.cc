#include "otlp/send/http_sender.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/http.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "otlp/send/gzip.h"
#include "otlp/send/identity.h"

namespace outrigger::otlp {
namespace {

constexpr ev_ssize_t kMaxResponseHeaderBytes = 64 << 10;

std::string FieldOf(evhttp_request* request, const char* name) {
  const char* value =
      evhttp_find_header(evhttp_request_get_input_headers(request), name);
  return value == nullptr ? "" : value;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sender>> HttpSender::Make(
    const Destination& destination, const Endpoint& endpoint, Loop& loop,
    const Clock& clock) {
  std::unique_ptr<TlsClient> tls;
  if (endpoint.tls) {
    auto client = TlsClient::Make(destination);
    if (!client.ok()) return client.status();
    tls = *std::move(client);
  }
  return std::unique_ptr<Sender>(
      new HttpSender(destination, endpoint, std::move(tls), loop, clock));
}

HttpSender::HttpSender(const Destination& destination, Endpoint endpoint,
                       std::unique_ptr<TlsClient> tls, Loop& loop,
                       const Clock& clock)
    : destination_(destination),
      endpoint_(std::move(endpoint)),
      tls_(std::move(tls)),
      loop_(loop),
      clock_(clock),
      dns_(evdns_base_new(loop.base(), EVDNS_BASE_INITIALIZE_NAMESERVERS |
                                           EVDNS_BASE_DISABLE_WHEN_INACTIVE)),
      deadline_(loop,
                [this] {
                  Disconnect();
                  Finish(NoAnswer("timeout", "no answer in time"));
                }),
      finish_(loop,
              [this] { std::exchange(done_, nullptr)(std::move(outcome_)); }) {}

HttpSender::~HttpSender() {
  Disconnect();
  if (dns_ != nullptr) evdns_base_free(dns_, 0);
}

bool HttpSender::Connect() {
  stream_ =
      tls_ == nullptr
          ? bufferevent_socket_new(loop_.base(), -1, BEV_OPT_CLOSE_ON_FREE)
          : bufferevent_openssl_socket_new(
                loop_.base(), -1, tls_->NewSession(endpoint_.host),
                BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
  if (stream_ == nullptr) return false;
  if (tls_ != nullptr) bufferevent_openssl_set_allow_dirty_shutdown(stream_, 1);
  evbuffer_add_cb(
      bufferevent_get_input(stream_),
      [](evbuffer* buffer, const evbuffer_cb_info* info, void* sender) {
        if (info->n_added == 0) return;
        char bytes[5];
        const ev_ssize_t count = evbuffer_copyout(buffer, bytes, sizeof(bytes));
        if (count <= 0) return;
        static_cast<HttpSender*>(sender)->Look(
            absl::string_view(bytes, static_cast<size_t>(count)));
      },
      this);
  connection_ = evhttp_connection_base_bufferevent_new(
      loop_.base(), dns_, stream_, endpoint_.host.c_str(), endpoint_.port);
  if (connection_ == nullptr) {
    bufferevent_free(stream_);
    return false;
  }
  broken_ = looked_ = not_http_ = false;
  static constexpr int kFamilies[] = {AF_UNSPEC, AF_INET, AF_INET6};
  evhttp_connection_set_family(connection_,
                               kFamilies[failures_ % std::size(kFamilies)]);
  evhttp_connection_set_max_body_size(
      connection_, static_cast<ev_ssize_t>(kMaxResponseBytes));
  evhttp_connection_set_max_headers_size(connection_, kMaxResponseHeaderBytes);
  evhttp_connection_set_closecb(
      connection_,
      [](evhttp_connection*, void* sender) {
        static_cast<HttpSender*>(sender)->broken_ = true;
      },
      this);
  return true;
}

void HttpSender::Disconnect() {
  if (connection_ == nullptr) return;
  evhttp_connection_set_closecb(connection_, nullptr, nullptr);
  evhttp_connection_free(std::exchange(connection_, nullptr));
  stream_ = nullptr;
}

void HttpSender::Look(absl::string_view bytes) {
  if (looked_) return;
  // An answer may come byte by byte.
  not_http_ = bytes != absl::string_view("HTTP/").substr(0, bytes.size());
  looked_ = not_http_ || bytes.size() == 5;
}

evhttp_request* HttpSender::MakeRequest(const std::string& body) {
  evhttp_request* request = evhttp_request_new(
      [](evhttp_request* answered, void* sender) {
        static_cast<HttpSender*>(sender)->OnReply(answered);
      },
      this);
  evkeyvalq* fields = evhttp_request_get_output_headers(request);
  evhttp_add_header(fields, "Host", endpoint_.Authority().c_str());
  evhttp_add_header(fields, "User-Agent", UserAgent().c_str());
  evhttp_add_header(fields, "Content-Type", "application/x-protobuf");
  for (const auto& [name, value] : destination_.headers) {
    evhttp_remove_header(fields, name.c_str());
    evhttp_add_header(fields, name.c_str(), value.c_str());
  }
  evbuffer* out = evhttp_request_get_output_buffer(request);
  if (destination_.compression == Compression::kGzip) {
    evhttp_add_header(fields, "Content-Encoding", "gzip");
    const std::string small = Gzip(body);
    evbuffer_add(out, small.data(), small.size());
  } else {
    evbuffer_add(out, body.data(), body.size());
  }
  return request;
}

void HttpSender::Send(const std::string& body, Duration timeout,
                      std::function<void(Outcome)> done) {
  done_ = std::move(done);
  if (broken_) Disconnect();
  if (connection_ == nullptr && !Connect()) {
    Finish(NoAnswer("connect", "cannot make a connection"));
    return;
  }
  deadline_.Set(timeout);
  // If this fails, libevent has freed the request, and may have called back.
  if (evhttp_make_request(connection_, MakeRequest(body), EVHTTP_REQ_POST,
                          endpoint_.path.c_str()) != 0) {
    broken_ = true;
    Finish(Broken());
  }
}

void HttpSender::OnReply(evhttp_request* request) {
  const int code =
      request == nullptr ? 0 : evhttp_request_get_response_code(request);
  if (code == 0) {
    broken_ = true;
    Finish(Broken());
    return;
  }
  failures_ = 0;
  evbuffer* in = evhttp_request_get_input_buffer(request);
  HttpReply reply{.code = code,
                  .content_type = FieldOf(request, "Content-Type"),
                  .retry_after = FieldOf(request, "Retry-After")};
  reply.body.resize(evbuffer_get_length(in));
  evbuffer_remove(in, reply.body.data(), reply.body.size());
  Finish(OutcomeOfHttp(reply, clock_.WallNow()));
}

Outcome HttpSender::Broken() {
  ++failures_;
  std::string why = "the connection failed";
  if (tls_ != nullptr) {
    const unsigned long error = bufferevent_get_openssl_error(stream_);
    if (error != 0) {
      why = absl::StrCat("TLS: ", ERR_reason_error_string(error) == nullptr
                                      ? "failed"
                                      : ERR_reason_error_string(error));
      not_http_ |= ERR_GET_REASON(error) ==
                   SSL_AD_REASON_OFFSET + SSL_AD_NO_APPLICATION_PROTOCOL;
    }
  }
  Outcome outcome = NoAnswer("connection", why);
  if (not_http_) {
    outcome.kind = Outcome::Kind::kOtherProtocol;
    outcome.message = "the peer does not speak HTTP/1";
    outcome.error_type = "protocol";
  }
  return outcome;
}

void HttpSender::Finish(Outcome outcome) {
  deadline_.Stop();
  outcome_ = std::move(outcome);
  finish_.Set(Duration::zero());
}

}  // namespace outrigger::otlp
