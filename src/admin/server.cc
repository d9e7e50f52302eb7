#include "admin/server.h"

#include <pthread.h>

#include <csignal>
#include <map>
#include <thread>
#include <utility>

#include "absl/strings/str_join.h"
#include "admin/guard.h"
#include "admin/http/accept.h"
#include "admin/http/gzip.h"
#include "admin/net/connection.h"
#include "admin/net/listener.h"
#include "loop/loop.h"
#include "telemetry/metrics.h"

namespace outrigger::admin {
namespace {

// Who goes first when there are too many connections.
int RankToStay(Connection::State state) {
  switch (state) {
    case Connection::State::kClosing:
      return 0;
    case Connection::State::kIdle:
      return 1;
    case Connection::State::kReceiving:
      return 2;
    case Connection::State::kSending:
      return 3;
    case Connection::State::kHandling:
      return 4;
  }
  return 0;
}

bool Allows(const Route& route, const std::string& method) {
  for (const std::string& one : route.methods) {
    if (one == method || (one == "GET" && method == "HEAD")) return true;
  }
  return false;
}

Response NotAllowed(const Route& route) {
  std::vector<std::string> methods = route.methods;
  if (Allows(route, "HEAD")) methods.insert(methods.begin() + 1, "HEAD");
  const std::string allowed = absl::StrJoin(methods, ", ");
  Response response = ErrorResponse(405, "this path takes only " + allowed);
  response.headers.emplace_back("Allow", allowed);
  return response;
}

Response Compressed(const Request& request, Response response) {
  if (response.body.size() < kShortestGzip) return response;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (!TakesGzip(request)) return response;
  response.body = Gzip(response.body);
  response.headers.emplace_back("Content-Encoding", "gzip");
  return response;
}

}  // namespace

class Server::Core final : public Connection::Owner {
 public:
  Core(Options options, std::vector<Route> routes, const Clock& clock,
       telemetry::Registry& registry)
      : options_(std::move(options)), clock_(clock), registry_(registry) {
    for (Route& route : routes) {
      std::string path = route.path;
      routes_.emplace(std::move(path), std::move(route));
    }
    guard_ = {.host = options_.host,
              .loopback = config::IsLoopback({.host = options_.host}),
              .token_file = options_.token_file,
              .require_client_cert = options_.tls.has_value() &&
                                     options_.tls->require_client_cert};
  }

  ~Core() override {
    if (!thread_.joinable()) return;
    loop_.Stop();
    thread_.join();
  }

  absl::Status Start() {
    if (!options_.token_file.empty()) {
      const auto token = ReadToken(options_.token_file);
      if (!token.ok()) return token.status();
    }
    if (options_.tls.has_value()) {
      auto tls = TlsContext::Load(*options_.tls);
      if (!tls.ok()) return tls.status();
      tls_ = *std::move(tls);
    }
    auto listener = Listener::Open(loop_, options_.host, options_.port,
                                   [this](int socket) { Accept(socket); });
    if (!listener.ok()) return listener.status();
    listener_ = *std::move(listener);
    thread_ = std::thread([this] { Run(); });
    return absl::OkStatus();
  }

  int port() const { return listener_->port(); }

  Outcome Answer(const Request& request) override {
    const auto found = routes_.find(request.path);
    if (found == routes_.end()) {
      // Strangers do not learn which paths there are.
      if (auto refusal = guard_.Refuse(Route{}, request)) return *refusal;
      return ErrorResponse(404, "there is nothing at this path");
    }
    const Route& route = found->second;
    if (auto refusal = guard_.Refuse(route, request)) return *refusal;
    if (!Allows(route, request.method)) return NotAllowed(route);
    if (Unsent() > options_.bounds.unsent_bytes) {
      Refused("answers");
      return ErrorResponse(503, "too many answers wait for slow clients");
    }
    Outcome outcome = route.answer(request);
    if (auto* const response = std::get_if<Response>(&outcome)) {
      return Compressed(request, std::move(*response));
    }
    return outcome;
  }

  void Refused(absl::string_view bound) override {
    registry_
        .GetCounter(telemetry::kAdminRefused, {{"bound", std::string(bound)}})
        .Add();
  }

  void Ended(Connection& connection) override {
    connections_.erase(&connection);
  }

 private:
  void Run() {
    pthread_setname_np(pthread_self(), "admin");
    // A client that went away is an error like others, and no signal.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    loop_.Run();
    connections_.clear();
  }

  void Accept(int socket) {
    if (connections_.size() >= options_.bounds.connections) {
      Refused("connections");
      EndOne();
    }
    auto connection = std::make_unique<Connection>(
        loop_, socket, tls_.get(), options_.bounds, clock_, *this);
    Connection* const key = connection.get();
    connections_.emplace(key, std::move(connection));
  }

  // The one that does the least and has waited longest.
  void EndOne() {
    auto chosen = connections_.begin();
    for (auto it = chosen; it != connections_.end(); ++it) {
      const auto rank = [](const Connection& one) {
        return std::pair(RankToStay(one.state()), one.since());
      };
      if (rank(*it->first) < rank(*chosen->first)) chosen = it;
    }
    connections_.erase(chosen);
  }

  size_t Unsent() const {
    size_t bytes = 0;
    for (const auto& [connection, owned] : connections_) {
      bytes += connection->unsent_bytes();
    }
    return bytes;
  }

  const Options options_;
  const Clock& clock_;
  telemetry::Registry& registry_;
  std::map<std::string, Route> routes_;
  Guard guard_;
  Loop loop_;
  std::unique_ptr<TlsContext> tls_;
  std::unique_ptr<Listener> listener_;
  std::map<Connection*, std::unique_ptr<Connection>> connections_;
  std::thread thread_;
};

Server::Server(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Server::~Server() = default;

absl::StatusOr<std::unique_ptr<Server>> Server::Start(
    Options options, std::vector<Route> routes, const Clock& clock,
    telemetry::Registry& registry) {
  auto core = std::make_unique<Core>(std::move(options), std::move(routes),
                                     clock, registry);
  if (absl::Status status = core->Start(); !status.ok()) return status;
  return std::unique_ptr<Server>(new Server(std::move(core)));
}

int Server::port() const { return core_->port(); }

Server::Options OptionsOf(const config::Listen& listen) {
  Server::Options options{.host = listen.admin->host,
                          .port = listen.admin->port,
                          .token_file = listen.admin_token_file};
  if (listen.admin_uses_tls()) {
    options.tls = {.cert_file = listen.tls.cert_file,
                   .key_file = listen.tls.key_file,
                   .client_ca_file = listen.tls.client_ca_file,
                   .require_client_cert = listen.tls.require_client_cert};
  }
  return options;
}

}  // namespace outrigger::admin
