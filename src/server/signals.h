// The signals that end a server, as something to wait for.
#ifndef OUTRIGGER_SERVER_SIGNALS_H_
#define OUTRIGGER_SERVER_SIGNALS_H_

#include "absl/functional/any_invocable.h"

namespace outrigger::server {

// SIGTERM and SIGINT. From construction on they do not end the process (nor
// does SIGPIPE): make it before any other thread starts, since threads inherit
// it.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();

  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Blocks until one arrives.
  void Wait();

  // Runs `work` on a thread of its own; true when it is done, false if another
  // signal arrived first. Then the thread still runs, and the process should
  // exit.
  bool WaitFor(absl::AnyInvocable<void()> work);

 private:
  const int signals_;  // a signalfd
};

}  // namespace outrigger::server

#endif  // OUTRIGGER_SERVER_SIGNALS_H_
