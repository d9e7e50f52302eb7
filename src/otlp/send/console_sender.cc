#include "otlp/send/console_sender.h"

#include <google/protobuf/util/json_util.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "opentelemetry/proto/collector/logs/v1/logs_service.pb.h"
#include "opentelemetry/proto/collector/metrics/v1/metrics_service.pb.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace outrigger::otlp {
namespace {

namespace collector = opentelemetry::proto::collector;

std::unique_ptr<google::protobuf::Message> RequestOf(Signal signal) {
  switch (signal) {
    case Signal::kTraces:
      return std::make_unique<
          collector::trace::v1::ExportTraceServiceRequest>();
    case Signal::kMetrics:
      return std::make_unique<
          collector::metrics::v1::ExportMetricsServiceRequest>();
    case Signal::kLogs:
      return std::make_unique<collector::logs::v1::ExportLogsServiceRequest>();
  }
  return nullptr;
}

}  // namespace

ConsoleSender::ConsoleSender(Signal signal, Loop& loop)
    : signal_(signal), later_(loop, [this] {
        std::exchange(done_, nullptr)({.kind = Outcome::Kind::kAccepted});
      }) {}

void ConsoleSender::Send(const std::string& body, Duration,
                         std::function<void(Outcome)> done) {
  const auto request = RequestOf(signal_);
  request->ParseFromString(body);
  std::string line;
  if (google::protobuf::util::MessageToJsonString(*request, &line).ok()) {
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
  }
  done_ = std::move(done);
  later_.Set(Duration::zero());
}

}  // namespace outrigger::otlp
