#include "cli/command.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "config/text/suggest.h"

namespace outrigger::cli {
namespace {

const Flag kHelp{"help", "", "show this"};

std::string OverviewLine(const Command& command) {
  constexpr int kWidth = 36;
  const std::string usage =
      absl::StrCat("outrigger ", command.name,
                   command.operands.empty() ? "" : " ", command.operands);
  // Of a character of several bytes only the first one takes room.
  const auto width = std::count_if(usage.begin(), usage.end(), [](char c) {
    return (static_cast<uint8_t>(c) & 0xc0) != 0x80;
  });
  if (width > kWidth) {
    return absl::StrFormat("  %s\n  %*s %s\n", usage, kWidth, "",
                           command.summary);
  }
  return absl::StrCat("  ", usage,
                      std::string(static_cast<size_t>(kWidth - width), ' '),
                      " ", command.summary, "\n");
}

std::string Overview(const std::vector<Command>& commands) {
  std::string text =
      "outrigger: rate limits, a cache, circuit breakers and connection pools\n"
      "for every service of a pod, over gRPC.\n\n";
  for (const Command& command : commands) {
    text += OverviewLine(command);
  }
  absl::StrAppend(
      &text,
      "\nFor example:\n"
      "  outrigger serve --config deploy/sample.yaml\n"
      "  outrigger allow user=42 route=/checkout\n"
      "  outrigger cache get profiles user:42\n"
      "  outrigger breaker list\n"
      "  outrigger pool status\n"
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

// Makes "cache", "get" one word, if "cache" is a group of commands.
void JoinGroup(const std::vector<Command>& commands,
               std::vector<std::string>& words) {
  const bool is_group =
      std::any_of(commands.begin(), commands.end(), [&](const Command& c) {
        return absl::StartsWith(c.name, absl::StrCat(words[0], " "));
      });
  if (!is_group || words.size() < 2 || absl::StartsWith(words[1], "-")) return;
  words[0] = absl::StrCat(words[0], " ", words[1]);
  words.erase(words.begin() + 1);
}

// "cache" alone: what the group has. Empty if it is no group.
std::string GroupOverview(const std::vector<Command>& commands,
                          const std::string& group) {
  std::string text;
  for (const Command& command : commands) {
    if (!absl::StartsWith(command.name, absl::StrCat(group, " "))) continue;
    text += OverviewLine(command);
  }
  return text;
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
  if (help) {
    words.erase(words.begin());
    words.push_back("--help");
  }
  JoinGroup(commands, words);
  const Command* command = Find(commands, words[0]);
  if (command == nullptr) {
    const std::string group = GroupOverview(commands, words[0]);
    if (group.empty()) return UnknownCommand(commands, words[0]);
    const bool asked = words.back() == "--help" || words.back() == "-h";
    std::fputs(group.c_str(), asked ? stdout : stderr);
    return asked ? kOk : kError;
  }
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
