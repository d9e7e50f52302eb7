// Requests over gRPC.
#ifndef OUTRIGGER_OTLP_SEND_GRPC_SENDER_H_
#define OUTRIGGER_OTLP_SEND_GRPC_SENDER_H_

#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "otlp/options.h"
#include "otlp/send/endpoint.h"
#include "otlp/send/sender.h"

namespace outrigger::otlp {

// One call.
struct GrpcCall;

// Fetches the answers of all gRPC senders, on the loop's thread. Must outlive
// the senders.
//
// It looks for answers now and then while calls are under way, and never waits
// for them: whoever waits on any queue of gRPC's (epoll1) takes its turn at
// reading all of the process' sockets, and would take requests out of the
// serving threads' hands.
class GrpcAnswers {
 public:
  explicit GrpcAnswers(Loop& loop) : look_again_(loop, [this] { Look(); }) {}
  ~GrpcAnswers();

  // For one call, which is about to begin. On the loop's thread.
  grpc::CompletionQueue& QueueForCall();

 private:
  void Look();

  grpc::CompletionQueue queue_;
  int under_way_ = 0;
  Duration pause_{};
  Timer look_again_;
};

class GrpcSender final : public Sender {
 public:
  // kFailedPrecondition names a file that cannot be read.
  static absl::StatusOr<std::unique_ptr<Sender>> Make(
      Signal signal, const Destination& destination, const Endpoint& endpoint,
      GrpcAnswers& answers);
  ~GrpcSender() override;

  void Send(const std::string& body, Duration timeout,
            std::function<void(Outcome)> done) override;
  const char* type() const override { return "otlp_grpc"; }

 private:
  friend struct GrpcCall;
  GrpcSender(Signal signal, const Destination& destination,
             std::shared_ptr<grpc::Channel> channel, GrpcAnswers& answers);

  const std::string method_;
  const Destination destination_;
  grpc::GenericStub stub_;
  GrpcAnswers& answers_;
  GrpcCall* call_ = nullptr;  // under way; owned by its completion
};

}  // namespace outrigger::otlp

#endif  // OUTRIGGER_OTLP_SEND_GRPC_SENDER_H_
