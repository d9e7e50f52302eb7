// `outrigger serve`: start, say where, wait for a signal, drain.
#ifndef OUTRIGGER_SERVER_SERVE_H_
#define OUTRIGGER_SERVER_SERVE_H_

#include <string>

#include "config/environment.h"

namespace outrigger::server {

struct ServeOptions {
  // The configuration's file; empty: only defaults and the environment.
  std::string config_path;
  // How the program was called, for the call to try that is printed.
  std::string program;
};

// Serves until SIGTERM or SIGINT, then drains; a second one ends it at once.
// SIGHUP: reads the configuration again.
// Returns the exit code: 0 after a drain, 1 if it could not start or was told
// twice. Where it listens goes to stdout, all else to stderr.
int Serve(const ServeOptions& options, const config::Environment& environment);

}  // namespace outrigger::server

#endif  // OUTRIGGER_SERVER_SERVE_H_
