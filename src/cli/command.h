// The subcommands as data, and the finding of the one that is meant.
#ifndef OUTRIGGER_CLI_COMMAND_H_
#define OUTRIGGER_CLI_COMMAND_H_

#include <functional>
#include <string>
#include <vector>

#include "cli/args.h"
#include "config/environment.h"

namespace outrigger::cli {

// What a command runs with.
struct Invocation {
  std::string program;  // as the user called it
  Args args;
  config::Environment environment;
};

// Exit codes that all commands share.
inline constexpr int kOk = 0;
inline constexpr int kNo = 1;     // denied, not ready, a bad configuration
inline constexpr int kError = 2;  // wrong usage; the sidecar did not answer

struct Command {
  std::string name;      // one word, or two: a group and what is done
  std::string operands;  // as in "outrigger NAME OPERANDS"; may be empty
  std::string summary;   // one line
  std::string details;   // more, for its own help; may be empty
  std::vector<Flag> flags;
  std::function<int(const Invocation&)> run;
};

// Runs the command that argv[1], or argv[1] and argv[2], name. `commands` in
// the order of the help. Usage errors go to stderr, with what was probably
// meant.
int RunCommand(int argc, const char* const* argv,
               const config::Environment& environment,
               const std::vector<Command>& commands);

// Prints "outrigger: message" on stderr; returns `code`.
int Fail(int code, absl::string_view message);

}  // namespace outrigger::cli

#endif  // OUTRIGGER_CLI_COMMAND_H_
