// A check by gRPC's health protocol.
#ifndef OUTRIGGER_HEALTH_PROBE_GRPC_PROBE_H_
#define OUTRIGGER_HEALTH_PROBE_GRPC_PROBE_H_

#include <memory>
#include <string>

#include "grpc/health/v1/health.grpc.pb.h"
#include "health/probe/grpc_answers.h"
#include "health/probe/probe.h"

namespace outrigger::health {

// Without TLS. The channel is kept between checks, but after a failure it is
// made anew: it may lead to where the server was before, or wait before it
// connects again.
class GrpcProbe final : public Probe {
 public:
  // `answers` outlives it.
  GrpcProbe(const std::string& address, std::string service,
            GrpcAnswers& answers);
  ~GrpcProbe() override { Cancel(); }

  void Start(Done done) override;
  void Cancel() override;

 private:
  class Call;

  void OnAnswer(const absl::Status& status);

  const std::string target_;
  const std::string service_;
  GrpcAnswers& answers_;
  std::unique_ptr<grpc::health::v1::Health::Stub> stub_;
  Done done_;
  Call* call_ = nullptr;  // under way; owned by its completion
};

}  // namespace outrigger::health

#endif  // OUTRIGGER_HEALTH_PROBE_GRPC_PROBE_H_
