// A terminal in full-screen use: the alternate screen, keys without Enter.
#ifndef OUTRIGGER_CLI_TOP_TERMINAL_H_
#define OUTRIGGER_CLI_TOP_TERMINAL_H_

#include <termios.h>

#include <string>

#include "base/clock.h"

namespace outrigger::cli {

// Takes the terminal over; the destructor gives it back as it was, also after
// SIGINT or SIGTERM, which only end Wait. One at a time.
class Terminal {
 public:
  Terminal();
  ~Terminal();

  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // Characters. 80 and 24 if the terminal does not say.
  int width() const;
  int height() const;

  // Replaces what is shown, without a flicker.
  void Show(const std::string& text);

  // Waits up to `time`; false if the user wants to quit ('q', Ctrl-C, the
  // terminal went away). A resize ends the wait early.
  bool Wait(Duration time);

 private:
  termios before_{};
  bool is_terminal_ = false;
  int signals_ = -1;
};

}  // namespace outrigger::cli

#endif  // OUTRIGGER_CLI_TOP_TERMINAL_H_
