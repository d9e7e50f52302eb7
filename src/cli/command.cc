#include "cli/command.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "config/text/suggest.h"

namespace outrigger::cli {
namespace {

const Flag kHelp{"help", "", "show this"};

std::string Overview(const std::vector<Command>& commands) {
  std::string text =
      "outrigger: rate limits for every service of a pod, over gRPC.\n\n";
  for (const Command& command : commands) {
    absl::StrAppendFormat(
        &text, "  %-34s %s\n",
        absl::StrCat("outrigger ", command.name,
                     command.operands.empty() ? "" : " ", command.operands),
        command.summary);
  }
  absl::StrAppend(
      &text,
      "\nFor example:\n"
      "  outrigger serve --config deploy/sample.yaml\n"
      "  outrigger allow user=42 route=/checkout\n"
      "  outrigger top\n"
      "\n`outrigger COMMAND --help` says more. Clients find the sidecar by\n"
      "--target, else $OUTRIGGER_TARGET, else the usual socket, else\n"
      "127.0.0.1:7420.\n");
  return text;
}

std::string HelpOf(const Command& command) {
  std::string text = absl::StrCat(
      "outrigger ", command.name, command.operands.empty() ? "" : " ",
      command.operands, ": ", command.summary, "\n");
  if (!command.details.empty()) {
    absl::StrAppend(&text, "\n", command.details, "\n");
  }
  text += "\n";
  for (const Flag& flag : command.flags) {
    absl::StrAppendFormat(
        &text, "  %-24s %s\n",
        absl::StrCat("--", flag.name, flag.value.empty() ? "" : " ",
                     flag.value),
        flag.help);
  }
  return text;
}

const Command* Find(const std::vector<Command>& commands,
                    const std::string& name) {
  for (const Command& command : commands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

int UnknownCommand(const std::vector<Command>& commands,
                   const std::string& name) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.name);
  return Fail(kError, absl::StrCat("unknown command ", name,
                                   config::DidYouMean(name, names),
                                   "; `outrigger help` lists them"));
}

}  // namespace

int Fail(int code, absl::string_view message) {
  std::fprintf(stderr, "outrigger: %.*s\n", static_cast<int>(message.size()),
               message.data());
  return code;
}

int RunCommand(int argc, const char* const* argv,
               const config::Environment& environment,
               const std::vector<Command>& commands) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (words.empty()) {
    std::fputs(Overview(commands).c_str(), stderr);
    return kError;
  }
  if (words[0] == "--version") words[0] = "version";
  const bool help =
      words[0] == "help" || words[0] == "--help" || words[0] == "-h";
  if (help && words.size() == 1) {
    std::fputs(Overview(commands).c_str(), stdout);
    return kOk;
  }
  if (help) words = {words[1], "--help"};
  const Command* command = Find(commands, words[0]);
  if (command == nullptr) return UnknownCommand(commands, words[0]);
  Command full = *command;
  full.flags.push_back(kHelp);
  absl::StatusOr<Args> args =
      Args::Parse({words.begin() + 1, words.end()}, full.flags);
  if (!args.ok()) {
    return Fail(kError, absl::StrCat(full.name, ": ", args.status().message()));
  }
  if (args->Has("help")) {
    std::fputs(HelpOf(full).c_str(), stdout);
    return kOk;
  }
  return full.run({argv[0], *std::move(args), environment});
}

}  // namespace outrigger::cli
