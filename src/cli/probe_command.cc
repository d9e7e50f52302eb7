// probe: for container health checks that have no gRPC client of their own.
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/probe.h"
#include "config/text/duration.h"

namespace outrigger::cli {
namespace {

using grpc::health::v1::HealthCheckResponse;

int RunProbe(const Invocation& invocation) {
  Duration wait{};
  if (invocation.args.Has("wait")) {
    const auto given = config::ParseDuration(invocation.args.Get("wait"));
    if (!given.ok()) {
      return Fail(kError, absl::StrCat("--wait: ", given.status().message()));
    }
    wait = *given;
  }
  const Probed probed = Probe([&] { return TargetOf(invocation); }, wait);
  if (!probed.called.ok()) return FailWith(probed.called, probed.target);
  // A sidecar that drains is alive, but not ready for more.
  const bool good = !invocation.args.Has("ready") ||
                    probed.response.status() == HealthCheckResponse::SERVING;
  const std::string status =
      HealthCheckResponse::ServingStatus_Name(probed.response.status());
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
