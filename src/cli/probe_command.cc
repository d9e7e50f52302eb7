// probe: for container health checks that have no gRPC client of their own.
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace outrigger::cli {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr Duration kTimeout = std::chrono::seconds(1);

int RunProbe(const Invocation& invocation) {
  const std::string target = TargetOf(invocation);
  grpc::ClientContext context;
  SetTimeout(kTimeout, &context);
  HealthCheckResponse response;
  const grpc::Status called =
      grpc::health::v1::Health::NewStub(ChannelTo(target))
          ->Check(&context, HealthCheckRequest(), &response);
  if (!called.ok()) return FailWith(called, target);
  // A sidecar that drains is alive, but not ready for more.
  const bool good = !invocation.args.Has("ready") ||
                    response.status() == HealthCheckResponse::SERVING;
  const std::string status =
      HealthCheckResponse::ServingStatus_Name(response.status());
  if (invocation.args.Has("json")) {
    std::printf("{\"status\":\"%s\"}\n", status.c_str());
  } else {
    std::printf("%s\n", status.c_str());
  }
  return good ? kOk : kNo;
}

}  // namespace

Command ProbeCommand() {
  std::vector<Flag> flags = {
      {"ready", "", "fail while it drains, too: for readiness probes"}};
  flags.insert(flags.end(), ClientFlags().begin(), ClientFlags().end());
  return {"probe",
          "[--ready]",
          "exit 0 if a sidecar serves",
          "Exit 2 if none answers within a second; with --ready, 1 if it\n"
          "says that it does not take more.",
          flags,
          RunProbe};
}

}  // namespace outrigger::cli
