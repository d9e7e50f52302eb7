// probe: for container health checks that have no gRPC client of their own.
#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "config/text/duration.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace outrigger::cli {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr Duration kTimeout = std::chrono::seconds(1);

int RunProbe(const Invocation& invocation) {
  Duration timeout = kTimeout;
  if (invocation.args.Has("wait")) {
    const auto wait = config::ParseDuration(invocation.args.Get("wait"));
    if (!wait.ok()) {
      return Fail(kError, absl::StrCat("--wait: ", wait.status().message()));
    }
    timeout = std::max(*wait, kTimeout);
  }
  const std::string target = TargetOf(invocation);
  grpc::ClientContext context;
  SetTimeout(timeout, &context);
  context.set_wait_for_ready(invocation.args.Has("wait"));
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
  return {"probe",
          "[--ready] [--wait T]",
          "exit 0 if a sidecar serves",
          "Exit 2 if none answers within a second; with --ready, 1 if it\n"
          "says that it does not take more.",
          WithClientFlags(
              {{"ready", "", "fail while it drains, too: for readiness probes"},
               {"wait", "TIME", "wait so long for one to come up"}}),
          RunProbe};
}

}  // namespace outrigger::cli
