#include "rpc/core/server.h"

#include <grpc/grpc.h>
#include <grpcpp/server_builder.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/time.h"

namespace outrigger::rpc {
namespace {

using std::chrono::milliseconds;

// No request must have arrived in this many looks in a row, this far apart,
// before clients are told to go. On one machine a request is there in
// microseconds; the rest is for clients that wait for a processor.
constexpr Duration kQuiet = milliseconds(10);
constexpr int kQuietLooks = 5;
// Clients that ask without waiting for answers are never quiet.
constexpr int kMostLooks = 30;
// How long clients get to read the GOAWAY before their answers follow. One that
// reads it later may send its next request into a closed connection.
constexpr Duration kGoAwayTime = milliseconds(50);
// How often to look whether gRPC has begun to shut down.
constexpr Duration kGlance = milliseconds(1);

// Clients may ping this often without being sent away; see the README's advice
// for stubs.
constexpr int kMinPingIntervalMs = 10'000;

void AddArguments(const ServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.max_message_bytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                             options.max_calls_per_connection);
  // A second server on the port must fail, not share it.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      kMinPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Messages are small and peers are near: there is no bandwidth to probe for.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_CHANNELZ, 0);
}

// Why a TCP address cannot be listened on, found by trying: gRPC only says that
// it cannot. OK if it can.
absl::Status TryBind(const std::string& address) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (absl::StartsWith(host, "[")) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(),
                                &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", address, ": ", gai_strerror(error)));
  }
  const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;  // as gRPC does, for ports that were used just before
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // Binding alone succeeds beside another that has this option, too.
  const bool ok =
      bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, 1) == 0;
  const int reason = errno;
  close(fd);
  freeaddrinfo(found);
  if (ok) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", address, ": ", std::strerror(reason)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(
    const ServerOptions& options, const std::vector<Listener>& listeners,
    std::vector<Service*> services) {
  std::unique_ptr<Server> server(new Server);
  server->services_ = std::move(services);
  server->ports_.resize(listeners.size());
  grpc::ServerBuilder builder;
  AddArguments(options, builder);
  for (size_t i = 0; i < listeners.size(); ++i) {
    if (!absl::StartsWith(listeners[i].address, "unix:")) {
      absl::Status free = TryBind(listeners[i].address);
      if (!free.ok()) return free;
    }
    builder.AddListeningPort(listeners[i].address, listeners[i].credentials,
                             &server->ports_[i]);
  }
  for (Service* service : server->services_) {
    builder.RegisterService(&service->grpc_service());
  }
  for (int i = 0; i < options.threads; ++i) {
    server->threads_.push_back(std::make_unique<ServingThread>(
        builder.AddCompletionQueue(), server->gate_));
  }
  server->server_ = builder.BuildAndStart();
  for (size_t i = 0; i < listeners.size(); ++i) {
    if (server->server_ == nullptr || server->ports_[i] == 0) {
      return absl::UnavailableError(
          absl::StrCat("cannot listen on ", listeners[i].address));
    }
  }
  for (auto& thread : server->threads_) {
    for (Service* service : server->services_) {
      for (auto& method : service->methods()) method->Start(*thread);
    }
    thread->Start();
  }
  return server;
}

Server::~Server() {
  if (server_ != nullptr && !drained_) {
    EndStreams();
    server_->Shutdown(gpr_inf_past(GPR_CLOCK_REALTIME));
  }
  threads_.clear();
}

// When gRPC shuts down it drops, without an answer, requests that reach it
// before their client has read the GOAWAY. So answers are held back for a
// moment: clients that wait for theirs then send nothing, the GOAWAY goes out
// into the silence, and the answers follow it.
void Server::Drain(Duration timeout) {
  gate_.Close();
  AwaitQuiet();
  std::thread shutdown([this, timeout] {
    // gRPC counts a span of time as a deadline from now.
    server_->Shutdown(gpr_time_from_nanos(timeout.count(), GPR_TIMESPAN));
  });
  while (!threads_.front()->stopping()) Wait(kGlance);
  Wait(kGoAwayTime);
  gate_.Open();
  EndStreams();
  shutdown.join();
  drained_ = true;
}

void Server::AwaitQuiet() {
  uint64_t seen = Arrivals();
  int quiet = 0;
  for (int i = 0; i < kMostLooks && quiet < kQuietLooks; ++i) {
    Wait(kQuiet);
    // A serving thread that got no processor meanwhile has seen nothing.
    absl::BlockingCounter alive(static_cast<int>(threads_.size()));
    for (auto& thread : threads_) {
      thread->Post([&alive] { alive.DecrementCount(); });
    }
    alive.Wait();
    const uint64_t now = Arrivals();
    quiet = now == seen ? quiet + 1 : 0;
    seen = now;
  }
}

uint64_t Server::Arrivals() const {
  uint64_t sum = 0;
  for (const auto& thread : threads_) sum += thread->arrivals();
  return sum;
}

void Server::EndStreams() {
  for (auto& thread : threads_) {
    thread->Post([this, thread = thread.get()] {
      for (Service* service : services_) {
        for (auto& method : service->methods()) method->Drain(*thread);
      }
    });
  }
}

void Server::Wait(Duration time) {
  absl::MutexLock lock(&never_);
  never_.AwaitWithTimeout(absl::Condition(
                              +[](bool* f) { return *f; }, &drained_),
                          absl::Nanoseconds(time.count()));
}

}  // namespace outrigger::rpc
