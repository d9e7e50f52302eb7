// Requests over gRPC.
#ifndef OUTRIGGER_OTLP_SEND_GRPC_SENDER_H_
#define OUTRIGGER_OTLP_SEND_GRPC_SENDER_H_

#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "otlp/options.h"
#include "otlp/run/loop.h"
#include "otlp/send/endpoint.h"
#include "otlp/send/sender.h"

namespace outrigger::otlp {

// One call.
struct GrpcCall;

// Hands the answers of all gRPC senders to the loop, from a thread of its own
// that does nothing else. Must outlive the senders. The thread starts with the
// first call.
class GrpcAnswers {
 public:
  explicit GrpcAnswers(Loop& loop) : loop_(loop) {}
  ~GrpcAnswers();

  // On the loop's thread.
  grpc::CompletionQueue& queue();

 private:
  void Run();

  Loop& loop_;
  grpc::CompletionQueue queue_;
  std::thread thread_;
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
