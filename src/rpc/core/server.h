// The gRPC server: listeners, serving threads, and a stop that fails no call.
#ifndef OUTRIGGER_RPC_CORE_SERVER_H_
#define OUTRIGGER_RPC_CORE_SERVER_H_

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "rpc/core/method.h"
#include "rpc/core/serving_thread.h"

namespace outrigger::rpc {

// Where to listen.
struct Listener {
  // "unix:/path" or "host:port" ("[host]:port" for IPv6; port 0: any free one).
  std::string address;
  std::shared_ptr<grpc::ServerCredentials> credentials;
};

struct ServerOptions {
  // 1 to 64.
  int threads = 1;
  // Longest request; longer ones are RESOURCE_EXHAUSTED (gRPC's own).
  int max_message_bytes = 9 << 20;
  // Calls at a time on one connection. More wait in the client.
  int max_calls_per_connection = 1000;
};

// Runs from Start to destruction.
class Server {
 public:
  // Begins to serve. `services` must outlive the server. kUnavailable with the
  // address and the reason if it cannot be listened on.
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      const ServerOptions& options, const std::vector<Listener>& listeners,
      std::vector<Service*> services);

  // Cancels what is left of the calls, unless drained, and joins the threads.
  ~Server();

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The ports of the listeners, in order; 1 for a Unix socket.
  const std::vector<int>& ports() const { return ports_; }

  // Tells clients to go elsewhere, answers all that has arrived, and returns
  // when no call is left. Calls still parked after `timeout` are cancelled.
  // Streams end with OK once all that was read from them is answered. Blocks;
  // at most once.
  //
  // A connection is closed as soon as its last answer is written. gRPC clients
  // of the C core that write just then (they probe for bandwidth, unless
  // grpc.http2.bdp_probe is 0) fail before they have read that answer.
  void Drain(Duration timeout);

 private:
  Server() = default;
  // Waits until no request has arrived for a moment. Needs a closed gate.
  void AwaitQuiet();
  uint64_t Arrivals() const;
  void EndStreams();
  void Wait(Duration time);

  ReplyGate gate_;
  std::vector<Service*> services_;
  std::vector<int> ports_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::unique_ptr<ServingThread>> threads_;
  absl::Mutex never_;  // waited on, with a timeout
  bool drained_ = false;
};

}  // namespace outrigger::rpc

#endif  // OUTRIGGER_RPC_CORE_SERVER_H_
