// The one program: a sidecar that serves, and the commands that talk to one.
#include <unistd.h>

#include "absl/synchronization/mutex.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "config/environment.h"

int main(int argc, char** argv) {
  // Debian builds Abseil with its deadlock detector on, which gRPC then pays
  // for at every lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return outrigger::cli::RunCommand(argc, argv,
                                    outrigger::config::EnvironmentFrom(environ),
                                    outrigger::cli::AllCommands());
}
