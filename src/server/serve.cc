#include "server/serve.h"

#include <grpc/support/log.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/clock.h"
#include "config/load.h"
#include "server/banner.h"
#include "server/sidecar.h"
#include "server/signals.h"
#include "telemetry/log.h"

namespace outrigger::server {
namespace {

// gRPC's messages, in our form. It calls peers' mistakes errors, too.
void LogFromGrpc(gpr_log_func_args* args) {
  static const SystemClock clock;
  static const telemetry::Log log("grpc", clock);
  log.Debug(args->message);
}

// Every connection is a file; the usual soft limit of 1,024 is too few.
void RaiseFileLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int Serve(const ServeOptions& options, const config::Environment& environment) {
  Signals signals;  // first: before there are threads
  RaiseFileLimit();
  gpr_set_log_function(LogFromGrpc);
  absl::StatusOr<config::Config> config =
      config::Load(options.config_path, environment);
  if (!config.ok()) {
    std::fprintf(stderr, "%s\n",
                 std::string(config.status().message()).c_str());
    return 1;
  }
  for (const std::string& warning : config->warnings) {
    std::fprintf(stderr, "%s\n", warning.c_str());
  }
  telemetry::Log::SetMinimum(config->telemetry.log_level);
  const SystemClock clock;
  auto sidecar =
      Sidecar::Start(*config, {options.config_path, environment}, clock);
  if (!sidecar.ok()) {
    std::fprintf(stderr, "outrigger: %s\n",
                 std::string(sidecar.status().message()).c_str());
    return 1;
  }
  std::fputs(Banner(*config, (*sidecar)->targets(), (*sidecar)->page_url(),
                    options.program, environment)
                 .c_str(),
             stdout);
  std::fflush(stdout);
  signals.WaitForStop([&sidecar] { (*sidecar)->RereadConfig(); });
  if (!signals.WaitFor([&sidecar] { (*sidecar)->Drain(); })) {
    std::_Exit(1);  // told twice: leases lapse, calls break
  }
  return 0;
}

}  // namespace outrigger::server
