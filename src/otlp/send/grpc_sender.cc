#include "otlp/send/grpc_sender.h"

#include <grpc/support/time.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "otlp/send/identity.h"
#include "otlp/send/pem.h"

namespace outrigger::otlp {

struct GrpcCall {
  GrpcSender* sender;  // null: it is gone
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer response;
  grpc::Status status;
  std::function<void(Outcome)> done;

  void Finish() {
    if (sender == nullptr) return;
    sender->call_ = nullptr;
    std::string bytes;
    std::vector<grpc::Slice> slices;
    if (status.ok() && response.Dump(&slices).ok()) {
      for (const grpc::Slice& slice : slices) {
        bytes.append(reinterpret_cast<const char*>(slice.begin()),
                     slice.size());
      }
    }
    done(OutcomeOfGrpc(status, bytes));
  }
};

namespace {

// Between two looks for answers: a collector nearby answers within the first.
constexpr Duration kShortestPause = std::chrono::milliseconds(1);
constexpr Duration kLongestPause = std::chrono::milliseconds(20);

const char* MethodOf(Signal signal) {
  switch (signal) {
    case Signal::kTraces:
      return "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    case Signal::kMetrics:
      return "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    case Signal::kLogs:
      return "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
  }
  return "";
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(
    const Destination& destination, const Endpoint& endpoint) {
  if (!endpoint.tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  const std::pair<const std::string*, std::string*> files[] = {
      {&destination.ca_file, &options.pem_root_certs},
      {&destination.cert_file, &options.pem_cert_chain},
      {&destination.key_file, &options.pem_private_key}};
  for (const auto& [path, content] : files) {
    if (path->empty()) continue;
    absl::StatusOr<std::string> pem = ReadPem(*path);
    if (!pem.ok()) return pem.status();
    *content = *std::move(pem);
  }
  return grpc::SslCredentials(options);
}

}  // namespace

GrpcAnswers::~GrpcAnswers() {
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) delete static_cast<GrpcCall*>(tag);
}

grpc::CompletionQueue& GrpcAnswers::QueueForCall() {
  ++under_way_;
  pause_ = kShortestPause;
  look_again_.Set(pause_);
  return queue_;
}

void GrpcAnswers::Look() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_.AsyncNext(&tag, &ok, gpr_inf_past(GPR_CLOCK_MONOTONIC)) ==
         grpc::CompletionQueue::GOT_EVENT) {
    --under_way_;
    const std::unique_ptr<GrpcCall> call(static_cast<GrpcCall*>(tag));
    call->Finish();
  }
  if (under_way_ == 0) return;
  pause_ = std::min(2 * pause_, kLongestPause);
  look_again_.Set(pause_);
}

absl::StatusOr<std::unique_ptr<Sender>> GrpcSender::Make(
    Signal signal, const Destination& destination, const Endpoint& endpoint,
    GrpcAnswers& answers) {
  auto credentials = Credentials(destination, endpoint);
  if (!credentials.ok()) return credentials.status();
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix(UserAgent());
  arguments.SetMaxReceiveMessageSize(static_cast<int>(kMaxResponseBytes));
  // A failed request is tried again by us, who count it.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  // Our pauses are to be the longest ones.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5000);
  return std::unique_ptr<Sender>(new GrpcSender(
      signal, destination,
      grpc::CreateCustomChannel(endpoint.grpc_target, *credentials, arguments),
      answers));
}

GrpcSender::GrpcSender(Signal signal, const Destination& destination,
                       std::shared_ptr<grpc::Channel> channel,
                       GrpcAnswers& answers)
    : method_(MethodOf(signal)),
      destination_(destination),
      stub_(std::move(channel)),
      answers_(answers) {}

GrpcSender::~GrpcSender() {
  if (call_ == nullptr) return;
  call_->sender = nullptr;
  call_->context.TryCancel();
}

void GrpcSender::Send(const std::string& body, Duration timeout,
                      std::function<void(Outcome)> done) {
  call_ = new GrpcCall{.sender = this, .done = std::move(done)};
  for (const auto& [name, value] : destination_.headers) {
    call_->context.AddMetadata(name, value);
  }
  call_->context.set_deadline(
      gpr_time_from_nanos(timeout.count(), GPR_TIMESPAN));
  if (destination_.compression == Compression::kGzip) {
    call_->context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  }
  const grpc::Slice slice(body);
  call_->reader = stub_.PrepareUnaryCall(&call_->context, method_,
                                         grpc::ByteBuffer(&slice, 1),
                                         &answers_.QueueForCall());
  call_->reader->StartCall();
  call_->reader->Finish(&call_->response, &call_->status, call_);
}

}  // namespace outrigger::otlp
