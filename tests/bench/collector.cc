// The least that a collector can be: takes spans, metrics and events over gRPC,
// counts the spans, and prints their number when it is told to end (SIGTERM).
#include <grpcpp/grpcpp.h>
#include <signal.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/str_cat.h"
#include "opentelemetry/proto/collector/logs/v1/logs_service.grpc.pb.h"
#include "opentelemetry/proto/collector/metrics/v1/metrics_service.grpc.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"

ABSL_FLAG(int, tcp_port, 0, "where to listen on 127.0.0.1");

namespace outrigger {
namespace {

namespace otlp = opentelemetry::proto::collector;

class Traces final : public otlp::trace::v1::TraceService::Service {
 public:
  grpc::Status Export(grpc::ServerContext*,
                      const otlp::trace::v1::ExportTraceServiceRequest* request,
                      otlp::trace::v1::ExportTraceServiceResponse*) override {
    for (const auto& resource : request->resource_spans()) {
      for (const auto& scope : resource.scope_spans()) {
        spans += scope.spans_size();
      }
    }
    return grpc::Status::OK;
  }

  std::atomic<int64_t> spans{0};
};

class Metrics final : public otlp::metrics::v1::MetricsService::Service {
  grpc::Status Export(
      grpc::ServerContext*,
      const otlp::metrics::v1::ExportMetricsServiceRequest*,
      otlp::metrics::v1::ExportMetricsServiceResponse*) override {
    return grpc::Status::OK;
  }
};

class Logs final : public otlp::logs::v1::LogsService::Service {
  grpc::Status Export(grpc::ServerContext*,
                      const otlp::logs::v1::ExportLogsServiceRequest*,
                      otlp::logs::v1::ExportLogsServiceResponse*) override {
    return grpc::Status::OK;
  }
};

int Collect(int port) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigprocmask(SIG_BLOCK, &stop, nullptr);
  Traces traces;
  Metrics metrics;
  Logs logs;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(absl::StrCat("127.0.0.1:", port),
                           grpc::InsecureServerCredentials());
  builder.SetMaxReceiveMessageSize(64 << 20);
  builder.RegisterService(&traces);
  builder.RegisterService(&metrics);
  builder.RegisterService(&logs);
  const auto server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  int signal;
  sigwait(&stop, &signal);
  std::printf("%lld\n", static_cast<long long>(traces.spans));
  return 0;
}

}  // namespace
}  // namespace outrigger

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  return outrigger::Collect(absl::GetFlag(FLAGS_tcp_port));
}
