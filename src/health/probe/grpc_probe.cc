#include "health/probe/grpc_probe.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "health/talk/talk.h"

namespace outrigger::health {

namespace v1 = grpc::health::v1;

namespace {

constexpr int kMaxMessageBytes = kMaxAnswerBytes;

std::unique_ptr<v1::Health::Stub> Dial(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  // Or the pauses of another channel to the same address would be this one's.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return v1::Health::NewStub(grpc::CreateCustomChannel(
      target, grpc::InsecureChannelCredentials(), arguments));
}

absl::Status Judge(const grpc::Status& status,
                   const v1::HealthCheckResponse& response) {
  if (!status.ok()) {
    return Refused("Check fails", status.error_message()).status;
  }
  if (response.status() == v1::HealthCheckResponse::SERVING) {
    return absl::OkStatus();
  }
  const std::string& name =
      v1::HealthCheckResponse::ServingStatus_Name(response.status());
  return absl::UnavailableError(
      absl::StrCat("Check is answered: ",
                   name.empty() ? absl::StrCat(response.status()) : name));
}

}  // namespace

class GrpcProbe::Call final : public GrpcCall {
 public:
  explicit Call(GrpcProbe* probe) : probe_(probe) {}

  void Start(v1::Health::Stub& stub, const std::string& service,
             grpc::CompletionQueue& queue) {
    v1::HealthCheckRequest request;
    request.set_service(service);
    reader_ = stub.AsyncCheck(&context_, request, &queue);
    reader_->Finish(&response_, &status_, static_cast<GrpcCall*>(this));
  }
  void Cancel() {
    probe_ = nullptr;
    context_.TryCancel();
  }
  void OnAnswer() override {
    if (probe_ != nullptr) probe_->OnAnswer(Judge(status_, response_));
  }

 private:
  GrpcProbe* probe_;  // null: it does not wait any more
  grpc::ClientContext context_;
  v1::HealthCheckResponse response_;
  grpc::Status status_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::HealthCheckResponse>>
      reader_;
};

GrpcProbe::GrpcProbe(const std::string& address, std::string service,
                     GrpcAnswers& answers)
    : target_(absl::StartsWith(address, "unix:")
                  ? address
                  : absl::StrCat("dns:///", address)),
      service_(std::move(service)),
      answers_(answers) {}

void GrpcProbe::Start(Done done) {
  done_ = std::move(done);
  if (stub_ == nullptr) stub_ = Dial(target_);
  call_ = new Call(this);
  call_->Start(*stub_, service_, answers_.QueueForCall());
}

void GrpcProbe::Cancel() {
  if (call_ == nullptr) return;
  std::exchange(call_, nullptr)->Cancel();
  stub_ = nullptr;
  done_ = nullptr;
}

void GrpcProbe::OnAnswer(const absl::Status& status) {
  call_ = nullptr;
  if (!status.ok()) stub_ = nullptr;
  std::exchange(done_, nullptr)(status);
}

}  // namespace outrigger::health
