// serve, check, version.
#include <grpcpp/grpcpp.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "config/load.h"
#include "server/serve.h"

namespace outrigger::cli {
namespace {

int RunServe(const Invocation& invocation) {
  if (!invocation.args.positional().empty()) {
    return Fail(kError, "serve: the configuration is given as --config FILE");
  }
  std::string path = invocation.args.Get("config");
  if (path.empty()) {
    const auto it = invocation.environment.find("OUTRIGGER_CONFIG");
    if (it != invocation.environment.end()) path = it->second;
  }
  return server::Serve({.config_path = path, .program = invocation.program},
                       invocation.environment);
}

int RunCheck(const Invocation& invocation) {
  if (invocation.args.positional().size() != 1) {
    return Fail(kError, "check: name one file");
  }
  const std::string& path = invocation.args.positional()[0];
  absl::StatusOr<std::string> text = config::ReadFile(path);
  if (!text.ok()) return Fail(kNo, text.status().message());
  bool good = true;
  for (const config::Problem& problem :
       config::Check(*text, path, invocation.environment)) {
    std::fprintf(stderr, "%s\n", config::Format(problem, path).c_str());
    good &= problem.severity != config::Problem::Severity::kError;
  }
  if (!good) return kNo;
  std::printf("%s: good\n", path.c_str());
  return kOk;
}

int RunVersion(const Invocation& invocation) {
  std::printf("outrigger %s (gRPC %s)\n", OUTRIGGER_VERSION,
              grpc::Version().c_str());
  return kOk;
}

}  // namespace

Command ServeCommand() {
  return {
      "serve",
      "[--config FILE]",
      "serve until SIGTERM",
      "Without a file, $OUTRIGGER_CONFIG, else defaults. The file is\n"
      "watched: a change of limits counts at once; SIGHUP has it read in any\n"
      "case. SIGTERM and SIGINT let what has arrived be answered; a second\n"
      "one ends it at once.",
      {{"config", "FILE", "YAML; see deploy/sample.yaml"}},
      RunServe};
}

Command CheckCommand() {
  return {"check",
          "FILE",
          "say whether a configuration is right",
          "Exit 0 if it is, 1 if not; each problem as FILE:LINE: WHAT on\n"
          "stderr. The environment counts, as for serve.",
          {},
          RunCheck};
}

Command VersionCommand() {
  return {"version", "", "print the version", "", {}, RunVersion};
}

}  // namespace outrigger::cli
