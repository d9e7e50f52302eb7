// The signals that a server is told things by, as something to wait for.
#ifndef OUTRIGGER_SERVER_SIGNALS_H_
#define OUTRIGGER_SERVER_SIGNALS_H_

#include "absl/functional/any_invocable.h"

namespace outrigger::server {

// SIGTERM and SIGINT, which stop it, and SIGHUP. From construction on they do
// not end the process (nor does SIGPIPE): make it before any other thread
// starts, since threads inherit it.
class Signals {
 public:
  Signals();
  ~Signals();

  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // Blocks until one that stops arrives; calls `hangup` for each SIGHUP.
  void WaitForStop(absl::AnyInvocable<void()> hangup);

  // Runs `work` on a thread of its own; true when it is done, false if one that
  // stops arrived first. Then the thread still runs, and the process should
  // exit. SIGHUP is ignored.
  bool WaitFor(absl::AnyInvocable<void()> work);

 private:
  // The next one's number.
  int Next();

  const int signals_;  // a signalfd
};

}  // namespace outrigger::server

#endif  // OUTRIGGER_SERVER_SIGNALS_H_
