// probe: for container health checks that have no gRPC client of their own.
#include <grpc/support/time.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "config/text/duration.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace outrigger::cli {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr Duration kTimeout = std::chrono::seconds(1);
// With --wait the target is looked for anew after this.
constexpr Duration kPause = std::chrono::milliseconds(100);

grpc::Status Check(const std::string& target, HealthCheckResponse* response) {
  grpc::ClientContext context;
  SetTimeout(kTimeout, &context);
  return grpc::health::v1::Health::NewStub(ChannelTo(target))
      ->Check(&context, HealthCheckRequest(), response);
}

// Nobody is there, or does not answer: that may change.
bool MayComeUp(const grpc::Status& called) {
  return called.error_code() == grpc::StatusCode::UNAVAILABLE ||
         called.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
}

int RunProbe(const Invocation& invocation) {
  Duration wait{};
  if (invocation.args.Has("wait")) {
    const auto given = config::ParseDuration(invocation.args.Get("wait"));
    if (!given.ok()) {
      return Fail(kError, absl::StrCat("--wait: ", given.status().message()));
    }
    wait = *given;
  }
  const SystemClock clock;
  const MonotonicTime give_up = clock.Now() + wait;
  // Looked for anew each time: the usual socket may not be there yet.
  std::string target = TargetOf(invocation);
  HealthCheckResponse response;
  grpc::Status called = Check(target, &response);
  while (MayComeUp(called) && clock.Now() < give_up) {
    target = TargetOf(invocation);
    if (ChannelTo(target)->WaitForConnected(
            gpr_time_from_nanos(kPause.count(), GPR_TIMESPAN))) {
      called = Check(target, &response);
    }
  }
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
          "Exit 2 if none answers within a second, or what --wait says; with\n"
          "--ready, 1 if it says that it does not take more.",
          WithClientFlags(
              {{"ready", "", "fail while it drains, too: for readiness probes"},
               {"wait", "TIME", "ask again for so long until one is up"}}),
          RunProbe};
}

}  // namespace outrigger::cli
